/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <libtune/qemu/qmp.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/qmp-peer.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "         \
	"\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define READY GREETING "{\"return\": {}}\r\n"
#define EVENT "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"RESUME\"}\r\n"

#define LIMIT_MS 150

/* Short where no answer is to come in time, else long enough for a machine under load. */
static gint64 get_deadline(TuneErrorCode code)
{
	return code == TUNE_ERROR_TIMEOUT ? g_get_monotonic_time() + LIMIT_MS * 1000
					  : check_in_s(CHECK_LATE_S);
}

/* ---- greetings ---- */

typedef struct {
	const char *name;
	const char *said;
	gboolean hangs_up;
	TuneErrorCode code;
	const char *message;
} Row;

static const Row first_words[] = {
	{ "a silent peer", "", FALSE, TUNE_ERROR_TIMEOUT, "peer: no greeting in time" },
	{ "a peer that hangs up", "", TRUE, TUNE_ERROR_IO, "peer: QEMU hung up" },
	{ "half a greeting, then the end", "{\"QMP\": {\"version\"", TRUE, TUNE_ERROR_IO,
	  "peer: QEMU hung up" },
	{ "half a greeting, then silence", "{\"QMP\": {\"version\"", FALSE, TUNE_ERROR_TIMEOUT,
	  "peer: no greeting in time" },
	{ "a greeting, then the end", GREETING, TRUE, TUNE_ERROR_IO, "peer: QEMU hung up" },
	{ "a greeting, then silence", GREETING, FALSE, TUNE_ERROR_TIMEOUT,
	  "peer: QEMU did not answer in time" },
	{ "the monitor for people", "QEMU 7.2.22 monitor - type 'help' for more information\r\n",
	  FALSE, TUNE_ERROR_INVALID, "peer: not JSON" },
	{ "an ssh server", "SSH-2.0-OpenSSH_9.2\r\n", FALSE, TUNE_ERROR_INVALID, "peer: not JSON" },
	{ "an empty line", "\r\n", FALSE, TUNE_ERROR_INVALID, "peer: not JSON" },
	{ "an empty object", "{}\n", FALSE, TUNE_ERROR_INVALID, "peer: not a QMP greeting" },
	{ "a version that is text",
	  "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": \"22\", \"minor\": 2, \"major\": 7}}}}\n",
	  FALSE, TUNE_ERROR_INVALID, "peer: not a QMP greeting" },
	{ "bytes that are no text", "\x01\x02\xff\xfe\n", FALSE, TUNE_ERROR_INVALID, "peer:" },
	{ "a list in place of an answer", GREETING "[]\n", FALSE, TUNE_ERROR_INVALID,
	  "peer: neither answer nor event" },
	{ "an error that is a number", GREETING "{\"error\": 1}\n", FALSE, TUNE_ERROR_INVALID,
	  "peer: neither answer nor event" },
};

static void test_first_words(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(first_words); i++) {
		const Row *row = &first_words[i];
		check_row(row->name);
		g_autoptr(GError) error = NULL;
		g_auto(filedesc) peer = -1;
		gint64 start = g_get_monotonic_time();
		g_autoptr(TuneQmp) qmp = peer_start(row->said, row->hangs_up,
						    get_deadline(row->code), &peer, &error);
		CU_ASSERT_PTR_NULL(qmp);
		CHECK_HOLDS(error ? error->message : NULL, row->message);
		CHECK_ERROR(error, row->code);
		CHECK_SOON(start);
	}
}

/* ---- answers ---- */

static const Row answers[] = {
	{ "hangs up", "", TRUE, TUNE_ERROR_IO, "peer: QEMU hung up" },
	{ "is silent", "", FALSE, TUNE_ERROR_TIMEOUT, "peer: QEMU did not answer in time" },
	{ "only events", EVENT EVENT, FALSE, TUNE_ERROR_TIMEOUT,
	  "peer: QEMU did not answer in time" },
	{ "half an answer, then the end", "{\"return\": [1, 2", TRUE, TUNE_ERROR_IO,
	  "peer: QEMU hung up" },
	{ "half an answer in a line", "{\"return\": [1, 2\n", FALSE, TUNE_ERROR_INVALID, "peer:" },
	{ "QEMU refuses",
	  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Property 'a.b' not found\"}}\n",
	  FALSE, TUNE_ERROR_REFUSED, "peer: Property 'a.b' not found" },
	/* A guest may control the text of its QEMU's error, which an administrator's terminal shows. */
	{ "QEMU refuses with control characters", "{\"error\": {\"desc\": \"a\\n\\u001b[2Jb\"}}\n",
	  FALSE, TUNE_ERROR_REFUSED, "peer: a??[2Jb" },
};

static void test_answers(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		const Row *row = &answers[i];
		check_row(row->name);
		g_autoptr(GError) error = NULL;
		g_auto(filedesc) peer = -1;
		g_autofree char *said = g_strconcat(READY, row->said, NULL);
		g_autoptr(TuneQmp) qmp = peer_start(said, row->hangs_up, check_in_s(CHECK_LATE_S),
						    &peer, &error);
		CHECK_NO_ERROR(error);
		tune_qmp_set_deadline(qmp, get_deadline(row->code));
		tune_qmp_ask(qmp, "query-kvm", NULL);
		json_auto_t *answer = tune_qmp_receive(qmp, &error);
		CU_ASSERT_PTR_NULL(answer);
		CHECK_HOLDS(error ? error->message : NULL, row->message);
		CHECK_ERROR(error, row->code);
	}
}

/* Events before and between answers, also in one packet with them; an error does not end the connection. */
static void test_conversation(void)
{
	g_autoptr(GError) error = NULL;
	g_auto(filedesc) peer = -1;
	g_autoptr(TuneQmp) qmp = peer_start(
		GREETING EVENT "{\"return\": {}}\n" EVENT
			       "{\"return\":{\"a\":\"x\\ty\\/\"}}\n" EVENT EVENT
			       "{\"error\": {\"desc\": \"no\"}}\n{\"return\": -7}\n" EVENT,
		FALSE, check_in_s(CHECK_LATE_S), &peer, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_qmp_get_version(qmp), "7.2.22");
	tune_qmp_ask(qmp, "first", NULL);
	tune_qmp_ask(qmp, "second", "path", "/a\"b", "property", "c", NULL);
	tune_qmp_ask(qmp, "third", NULL);

	json_auto_t *first = tune_qmp_receive(qmp, &error);
	CHECK_NO_ERROR(error);
	const json_t *a = json_object_get(first, "a");
	CHECK_TEXT(json_string_value(a), "x\ty/");
	json_auto_t *second = tune_qmp_receive(qmp, &error);
	CU_ASSERT_PTR_NULL(second);
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
	json_auto_t *third = tune_qmp_receive(qmp, &error);
	CHECK_NO_ERROR(error);
	gint64 number = 0;
	CU_ASSERT(tune_json_number(third, &number));
	CU_ASSERT_EQUAL(number, -7);

	char heard[512] = "";
	CU_ASSERT(recv(peer, heard, sizeof(heard) - 1, MSG_DONTWAIT) > 0);
	CHECK_TEXT(heard, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"first\"}\n"
			  "{\"execute\":\"second\",\"arguments\":{\"path\":\"/a\\\"b\","
			  "\"property\":\"c\"}}\n{\"execute\":\"third\"}\n");
}

/* ---- peers that never stop ---- */

typedef struct {
	int fd;
	const char *head;
	const char *text;
	size_t n_times;
} Flood;

static gpointer pour(gpointer data)
{
	const Flood *flood = data;
	size_t length = strlen(flood->text);

	send(flood->fd, flood->head, strlen(flood->head), MSG_NOSIGNAL);
	for (size_t i = 0; i < flood->n_times; i++)
		if (send(flood->fd, flood->text, length, MSG_NOSIGNAL) < 0)
			break;
	return NULL;
}

static void check_flood(const char *text, size_t n_times, TuneErrorCode code, const char *message)
{
	int ends[2];
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	Flood flood = { ends[0], READY, text, n_times };
	GThread *thread = g_thread_new("flood", pour, &flood);
	g_autoptr(TuneQmp) qmp = tune_qmp_new(ends[1], "peer", check_in_s(CHECK_LATE_S), &error);
	CHECK_NO_ERROR(error);
	tune_qmp_set_deadline(qmp, get_deadline(code));
	tune_qmp_ask(qmp, "query-kvm", NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, &error);
	CU_ASSERT_PTR_NULL(answer);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, code);
	CHECK_SOON(start);
	tune_qmp_close(g_steal_pointer(&qmp));
	g_thread_join(thread);
	close(ends[0]);
}

static void test_floods(void)
{
	check_flood("[\"0123456789abcdef\",0123456789abcdef],", 10 * 1024 * 1024 / 38,
		    TUNE_ERROR_INVALID, "peer: an answer of more than 1 MiB");
	check_flood(EVENT, G_MAXUINT32, TUNE_ERROR_TIMEOUT, "peer: QEMU did not answer in time");
}

/* The largest answer, with as many values as fit into it. */
static void test_largest(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new("{\"return\":[0");
	int ends[2];

	while (text->len < 1024 * 1024 - 64)
		g_string_append(text, ",0");
	g_string_append(text, "]}\n");
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	Flood flood = { ends[0], READY, text->str, 1 };
	GThread *thread = g_thread_new("flood", pour, &flood);
	g_autoptr(TuneQmp) qmp = tune_qmp_new(ends[1], "peer", check_in_s(CHECK_LATE_S), &error);
	CHECK_NO_ERROR(error);
	json_auto_t *answer = tune_qmp_receive(qmp, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT(json_array_size(answer) > 500000);
	g_thread_join(thread);
	close(ends[0]);
}

/* The reader gives up on a peer that does not read. */
static void test_deaf_peer(void)
{
	g_autoptr(GError) error = NULL;
	g_auto(filedesc) peer = -1;
	g_autoptr(TuneQmp) qmp = peer_start(READY, FALSE, check_in_s(CHECK_LATE_S), &peer, &error);
	g_autofree char *long_text = g_strnfill(4 * 1024 * 1024, 'x');
	CHECK_NO_ERROR(error);
	tune_qmp_set_deadline(qmp, get_deadline(TUNE_ERROR_TIMEOUT));
	tune_qmp_ask(qmp, "query", "text", long_text, NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, &error);
	CU_ASSERT_PTR_NULL(answer);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
}

/* ---- sockets ---- */

static int listen_at(const char *directory, const char *name, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_autofree char *before = g_get_current_dir();

	g_strlcpy(address.sun_path, name, sizeof(address.sun_path));
	CU_ASSERT_EQUAL_FATAL(chdir(directory), 0);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	CU_ASSERT_EQUAL_FATAL(chdir(before), 0);
	if (backlog >= 0)
		CU_ASSERT_EQUAL_FATAL(listen(fd, backlog), 0);
	return fd;
}

static gpointer serve_one(gpointer listener)
{
	int fd = accept(GPOINTER_TO_INT(listener), NULL, NULL);
	char heard[128];

	send(fd, READY, strlen(READY), MSG_NOSIGNAL);
	ssize_t n = recv(fd, heard, sizeof(heard), 0);
	close(fd);
	return GINT_TO_POINTER((int)n);
}

/* A path longer than a socket address, through a link that would lead out of the root. */
static void test_connect(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *deep = g_strnfill(200, 'd');
	g_autofree char *text = g_strdup_printf("run/%s/ /\nvar/run -> /run", deep);
	g_autoptr(TuneRoot) root = check_host(text);
	g_autofree char *directory = g_build_filename(tune_root_get_directory(root), "run", deep,
						      NULL);
	g_auto(filedesc) listener = listen_at(directory, "s.qmp", 1);
	GThread *thread = g_thread_new("server", serve_one, GINT_TO_POINTER(listener));
	g_autofree char *path = g_strdup_printf("var/run/%s/s.qmp", deep);
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, path, check_in_s(CHECK_LATE_S), &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_qmp_get_version(qmp), "7.2.22");
	g_thread_join(thread);
}

static void check_refused(TuneRoot *root, const char *path, TuneErrorCode code, const char *message)
{
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, path, get_deadline(code), &error);

	CU_ASSERT_PTR_NULL(qmp);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, code);
	CHECK_SOON(start);
}

static void test_no_server(void)
{
	g_autoptr(TuneRoot) root = check_host("run/file = x\nrun/away -> /nowhere/else.qmp");
	g_autofree char *run = g_build_filename(tune_root_get_directory(root), "run", NULL);
	g_auto(filedesc) dead G_GNUC_UNUSED = listen_at(run, "dead.qmp", -1);
	g_auto(filedesc) mute G_GNUC_UNUSED = listen_at(run, "mute.qmp", 0);

	check_refused(root, "run/none.qmp", TUNE_ERROR_ABSENT, "run/none.qmp: No such file");
	check_refused(root, "run/away", TUNE_ERROR_ABSENT, "run/away: No such file");
	check_refused(root, "run/file", TUNE_ERROR_INVALID, "run/file: not a socket");
	check_refused(root, "run/dead.qmp", TUNE_ERROR_IO, "run/dead.qmp: Connection refused");
	check_refused(root, "run/mute.qmp", TUNE_ERROR_TIMEOUT,
		      "run/mute.qmp: no greeting in time");
}

/* Nobody accepts, and the backlog is full. */
static void test_full_backlog(void)
{
	g_autoptr(TuneRoot) root = check_host("run/ /");
	g_autofree char *run = g_build_filename(tune_root_get_directory(root), "run", NULL);
	g_auto(filedesc) mute G_GNUC_UNUSED = listen_at(run, "mute.qmp", 0);
	g_autofree char *path = g_build_filename(run, "mute.qmp", NULL);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_auto(filedesc) first = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	CU_ASSERT_EQUAL(connect(first, (const struct sockaddr *)&address, sizeof(address)), 0);
	check_refused(root, "run/mute.qmp", TUNE_ERROR_TIMEOUT, "too many clients");
}

static void test_deadline_gone(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("run/ /");
	g_autofree char *run = g_build_filename(tune_root_get_directory(root), "run", NULL);
	g_auto(filedesc) mute G_GNUC_UNUSED = listen_at(run, "mute.qmp", 1);
	g_autoptr(TuneQmp)
		qmp = tune_qmp_connect(root, "run/mute.qmp", g_get_monotonic_time() - 10, &error);

	CU_ASSERT_PTR_NULL(qmp);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
}

/* Without the host's own deadline, this would take a minute. */
static void test_deadline_of_host(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("run/ /");
	g_autofree char *run = g_build_filename(tune_root_get_directory(root), "run", NULL);
	g_auto(filedesc) mute G_GNUC_UNUSED = listen_at(run, "mute.qmp", 1);
	gint64 start = g_get_monotonic_time();

	tune_root_set_deadline(root, get_deadline(TUNE_ERROR_TIMEOUT));
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, "run/mute.qmp", check_in_s(60), &error);
	CU_ASSERT_PTR_NULL(qmp);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CHECK_SOON(start);
}

int main(void)
{
	static const Check checks[] = {
		{ "first words", test_first_words },
		{ "answers", test_answers },
		{ "conversation", test_conversation },
		{ "floods", test_floods },
		{ "largest answer", test_largest },
		{ "deaf peer", test_deaf_peer },
		{ "connect", test_connect },
		{ "no server", test_no_server },
		{ "full backlog", test_full_backlog },
		{ "deadline gone before", test_deadline_gone },
		{ "deadline of the host", test_deadline_of_host },
		{ NULL, NULL },
	};

	return check_main("qmp", checks);
}
