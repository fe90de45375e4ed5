/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <glib/gstdio.h>

#include <libtune/ganeti/node.h>
#include <libtune/qemu/guest.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"

#define DIRECTORY "run/ganeti/kvm-hypervisor/"
#define LINK "var/run -> /run\n"
#define PID_FILE DIRECTORY "pid/inst1 = 4711\n"
#define RUNTIME DIRECTORY "conf/inst1.runtime = "
#define SAVED                                                                                      \
	RUNTIME "[[\"/usr/bin/kvm\",\"-enable-kvm\",\"-name\",\"inst1\",\"-M\",\"pc-q35-7.2\","    \
		"\"-cpu\",\"Westmere,-aes\"],[],{\"cpu_type\":\"Westmere,-aes\"},[]]\n"

/* ---- names ---- */

static void test_names(void)
{
	static const char *const good[] = { "inst1", "inst1.example.com", "a_b-c.D", "0" };
	static const char *const bad[] = {
		"",     ".",    "..",  "../../etc", "a/b",     "/etc/passwd", ".hidden", "a..b",
		"a\nb", "a\tb", "a b", "a;b",       "\x1b[2J", "gr\xc3\xbcn", "a\\b",    "$(x)",
	};
	g_autofree char *longest = g_strnfill(255, 'a');
	g_autofree char *too_long = g_strnfill(256, 'a');
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		CU_ASSERT(tune_ganeti_check_name(good[i], NULL));
	CU_ASSERT(tune_ganeti_check_name(longest, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		check_row(bad[i]);
		CU_ASSERT_FALSE(tune_ganeti_check_name(bad[i], &error));
		CHECK_HOLDS(error ? error->message : NULL, "cannot be the name of an instance");
		CU_ASSERT(error && !strpbrk(error->message, "\n\t\x1b"));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
	check_row(NULL);
	CU_ASSERT_FALSE(tune_ganeti_check_name(too_long, &error));
	CU_ASSERT(error && strlen(error->message) < 300);
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* Every entry asks first: the pid file that the name leads to is there. */
static void test_names_everywhere(void)
{
	g_autoptr(TuneRoot)
		root = check_host(LINK DIRECTORY "pid/x/ /\n" DIRECTORY "conf/x/ /\nevil = 4711\n");
	static const char name[] = "x/../../../../../evil";
	g_autoptr(GError) error = NULL;
	gint64 deadline = check_in_s(CHECK_LATE_S);

	CU_ASSERT_PTR_NULL(tune_guest_find(root, name, &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_PTR_NULL(tune_guest_connect(root, name, deadline, &error));
	CHECK_HOLDS(error ? error->message : NULL, "cannot be the name");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* ---- what QEMU was started with ---- */

/* A host with a process 4711 whose words stand between blanks in @line, as its command line. */
static TuneRoot *make_host(const char *text, const char *line)
{
	TuneRoot *root = check_host(text);
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), "proc/4711/cmdline",
						 NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *words = g_strdelimit(g_strdup(line), " ", '\1');
	gsize length = strlen(words);

	g_mkdir_with_parents(parent, 0755);
	for (gsize i = 0; i < length; i++)
		if (words[i] == '\1')
			words[i] = '\0';
	g_file_set_contents(path, words, (gssize)length + (length > 0), NULL);
	return root;
}

typedef struct {
	const char *name;
	const char *line;
	gboolean is_kvm;
	const char *binary;
	const char *cpu;
	const char *machine;
} Row;

static const Row rows[] = {
	{ "as Ganeti starts it",
	  "/usr/bin/kvm -enable-kvm -name inst1 -m 512 -M pc-i440fx-7.2 -cpu host,-rtm", TRUE,
	  "/usr/bin/kvm", "host,-rtm", "pc-i440fx-7.2" },
	{ "KVM with another one to fall back to",
	  "qemu -name inst1,debug-threads=on -machine pc,accel=kvm:tcg,usb=off", TRUE, "qemu", NULL,
	  "pc" },
	{ "options with two dashes",
	  "qemu -name guest=inst1 --machine accel=kvm,type=q35 --cpu max", TRUE, "qemu", "max",
	  "q35" },
	{ "KVM by -accel", "qemu -name inst1 -accel kvm", TRUE, "qemu", NULL, NULL },
	{ "KVM first, then another", "qemu -name inst1 -accel kvm,dirty-ring-size=4096 -accel tcg",
	  TRUE, "qemu", NULL, NULL },
	{ "no word of an accelerator", "qemu -name inst1", FALSE, "qemu", NULL, NULL },
	{ "a machine, no accelerator", "qemu -name inst1 -machine q35", FALSE, "qemu", NULL,
	  "q35" },
	{ "-enable-kvm, and then another", "qemu -name inst1 -enable-kvm -machine accel=tcg", FALSE,
	  "qemu", NULL, NULL },
	{ "another accelerator", "qemu -name inst1 -accel tcg,thread=single", FALSE, "qemu", NULL,
	  NULL },
	{ "the program kvm", "/usr/bin/kvm -name inst1", TRUE, "/usr/bin/kvm", NULL, NULL },
	{ "the program kvm with another accelerator", "/usr/bin/kvm -name inst1 -accel tcg", FALSE,
	  "/usr/bin/kvm", NULL, NULL },
	{ "the program kvm, another in its machine", "/usr/bin/kvm -name inst1 -M pc,accel=tcg",
	  FALSE, "/usr/bin/kvm", NULL, "pc" },
	/* The last one counts. */
	{ "the last word holds", "qemu -cpu a -M x -name inst1 -cpu b -machine y -M accel=kvm",
	  TRUE, "qemu", "b", "y" },
	/* An option without its value, an empty word. */
	{ "an empty word, and an option without its value", "qemu -name inst1  -cpu", FALSE, "qemu",
	  NULL, NULL },
};

static void test_rows(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const Row *row = &rows[i];
		check_row(row->name);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneRoot) root = make_host(LINK PID_FILE, row->line);
		g_autoptr(TuneGuest) guest = tune_guest_find(root, "inst1", &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT(guest->is_running);
		CU_ASSERT_EQUAL(guest->pid, 4711);
		CU_ASSERT_EQUAL(guest->is_kvm, row->is_kvm);
		CHECK_TEXT(guest->binary, row->binary);
		CHECK_TEXT(guest->cpu, row->cpu);
		CHECK_TEXT(guest->machine, row->machine);
	}
}

/* ---- guests that are not there, or not as they seem ---- */

static void check_not_running(TuneRoot *root)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneGuest) guest = tune_guest_find(root, "inst1", &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_FALSE(guest->is_running);
	CU_ASSERT_EQUAL(guest->pid, 0);
	CU_ASSERT_PTR_NULL(guest->cpu);
	CU_ASSERT_FALSE(guest->is_kvm);
}

static void test_not_running(void)
{
	g_autoptr(TuneRoot) nothing = check_host(LINK);
	g_autoptr(TuneRoot) no_process = check_host(LINK PID_FILE SAVED);
	g_autoptr(TuneRoot) zombie = make_host(LINK PID_FILE SAVED, "");

	check_not_running(nothing);
	check_not_running(no_process);
	check_not_running(zombie);
}

static void check_invalid(TuneRoot *root, const char *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneGuest) guest = tune_guest_find(root, "inst1", &error);

	CU_ASSERT_PTR_NULL(guest);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* Another process has its number: whether the guest runs is unknown. */
static void test_strangers(void)
{
	g_autoptr(TuneRoot) other = make_host(LINK PID_FILE, "/usr/sbin/sshd -D");
	g_autoptr(TuneRoot) neighbour = make_host(LINK PID_FILE, "qemu -name inst10 -cpu host");

	check_invalid(other, "process 4711 is not the QEMU of inst1");
	check_invalid(neighbour, "process 4711 is not the QEMU of inst1");
}

static void test_bad_pids(void)
{
	static const char *const pids[] = { "", "x", "-1", "0", "4294967297", "12 13" };

	for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
		check_row(pids[i]);
		g_autofree char *text = g_strconcat(LINK DIRECTORY "pid/inst1 = ", pids[i], NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		check_invalid(root, "pid/inst1");
	}
}

/* ---- its process ---- */

static void test_start(void)
{
	static const struct {
		const char *name;
		const char *files;
		gint64 wanted;
	} hosts[] = {
		{ "known",
		  "proc/stat = cpu 1 2\\nbtime 1000\n"
		  "proc/4711/stat = 4711 (k) v m) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 500 9 9\n",
		  1 },
		{ "no time of boot",
		  "proc/4711/stat = 4711 (kvm) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 500 9 9\n",
		  0 },
		{ "too short", "proc/stat = cpu 1\\nbtime 1000\nproc/4711/stat = 4711 (kvm) S 1\n",
		  0 },
		{ "no process", "proc/stat = cpu 1\\nbtime 1000\n", 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
		check_row(hosts[i].name);
		g_autoptr(TuneRoot) root = check_host(hosts[i].files);
		gint64 wanted = hosts[i].wanted ? 1000 + 500 / sysconf(_SC_CLK_TCK) : 0;
		CU_ASSERT_EQUAL(tune_guest_get_start(root, 4711), wanted);
	}
	check_row(NULL);
}

static void test_replaced(void)
{
	g_autoptr(TuneRoot) root = check_host("proc/1/exe -> /usr/bin/qemu-system-x86_64\n"
					      "proc/2/ /\n");
	g_autoptr(GError) error = NULL;

	tune_root_make_link(root, "proc/2/exe", "/usr/bin/qemu-system-x86_64 (deleted)", &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_guest_find_qemu(root, 1), TUNE_QEMU_INSTALLED);
	CHECK_TEXT(tune_guest_find_qemu(root, 2), TUNE_QEMU_REPLACED);
	CHECK_TEXT(tune_guest_find_qemu(root, 3), NULL);
}

static void test_parameters(void)
{
	g_autoptr(TuneRoot) root = check_host(LINK PID_FILE SAVED);
	g_autoptr(TuneRoot) bad = check_host(LINK PID_FILE RUNTIME "[[],[],[\"x\"]]\n");
	g_autofree char *text = tune_guest_read_parameters(root, "inst1");
	g_autofree char *none = tune_guest_read_parameters(bad, "inst1");

	CHECK_TEXT(text, "{\"cpu_type\":\"Westmere,-aes\"}");
	CHECK_TEXT(none, NULL);
	CHECK_TEXT(tune_guest_read_parameters(root, "inst2"), NULL);
}

/* ---- the runtime file ---- */

/* A command line that is a directory stands for one that may not be read: root reads everything else. */
#define SEALED "proc/4711/cmdline/ /\n"

static void test_runtime(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(LINK PID_FILE SEALED SAVED);
	g_autoptr(TuneGuest) guest = tune_guest_find(root, "inst1", &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT(guest->is_running);
	CU_ASSERT(guest->is_kvm);
	CHECK_TEXT(guest->cpu, "Westmere,-aes");
	CHECK_TEXT(guest->machine, "pc-q35-7.2");
}

static void test_bad_runtimes(void)
{
	static const char *const texts[] = {
		"",
		"{",
		"null",
		"[]",
		"[[], [], {}, []]",
		"[{}, {}]",
		"\x01\x02",
		"[[1, 2]]",
		"[[\"qemu\"]]",
		"[[[[[",
		"[[\"q\", \"-name\", \"inst2\"], [], {}, []]",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		g_autofree char *text = g_strconcat(LINK PID_FILE SEALED RUNTIME, texts[i], NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		check_invalid(root, "inst1");
	}
}

static void test_no_runtime(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(LINK PID_FILE SEALED);

	CU_ASSERT_PTR_NULL(tune_guest_find(root, "inst1", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

/* ---- its sockets ---- */

#define READY                                                                                      \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 1, \"minor\": 2, \"major\": %d}}}}\n"      \
	"{\"return\": {}}\n"
#define ANSWER "{\"return\": \"late\"}\n"

static int listen_at(TuneRoot *root, const char *suffix)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autofree char *path = g_strconcat(tune_root_get_directory(root),
					    "/" DIRECTORY "ctrl/inst1.", suffix, NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CU_ASSERT_FATAL(g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) <
			sizeof(address.sun_path));
	CU_ASSERT_EQUAL_FATAL(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	CU_ASSERT_EQUAL_FATAL(listen(fd, 1), 0);
	return fd;
}

/* @answers_at: when it answers the first question, by g_get_monotonic_time() */
typedef struct {
	int listener;
	int version;
	gint64 answers_at;
} Server;

static gpointer serve(gpointer data)
{
	const Server *server = data;
	int fd = accept(server->listener, NULL, NULL);
	g_autofree char *text = g_strdup_printf(READY, server->version);
	char heard[128];

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	while (g_get_monotonic_time() < server->answers_at)
		g_usleep(10000);
	send(fd, ANSWER, strlen(ANSWER), MSG_NOSIGNAL);
	while (recv(fd, heard, sizeof(heard), 0) > 0)
		;
	close(fd);
	return NULL;
}

/*
 * Connected, and with all of the time for questions: the answer comes when the share of the first socket, a fifth,
 * has passed.
 */
static void check_connects(TuneRoot *root, int listener, int version, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();
	Server server = { listener, version, start + 1200 * 1000 };
	GThread *thread = g_thread_new("server", serve, &server);
	g_autoptr(TuneQmp)
		qmp = tune_guest_connect(root, "inst1", start + 5 * G_USEC_PER_SEC, &error);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_qmp_get_version(qmp), wanted);
	json_auto_t *answer = tune_qmp_receive(qmp, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(json_string_value(answer), "late");
	tune_qmp_close(g_steal_pointer(&qmp));
	g_thread_join(thread);
}

/* Asked when it is the only socket, and when the kvmd socket is taken; not asked when that one answers. */
static void test_sockets(void)
{
	g_autoptr(TuneRoot) root = check_host(LINK DIRECTORY "ctrl/ /");
	g_auto(filedesc) qmp = listen_at(root, "qmp");

	check_connects(root, qmp, 7, "7.2.1");
	g_auto(filedesc) kvmd = listen_at(root, "kvmd");
	check_connects(root, qmp, 7, "7.2.1");
	close(accept(kvmd, NULL, NULL)); /* our own earlier connection */
	check_connects(root, kvmd, 8, "8.2.1");
}

static void test_no_socket(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(LINK DIRECTORY "ctrl/ /");

	CU_ASSERT_PTR_NULL(tune_guest_connect(root, "inst1", check_in_s(CHECK_LATE_S), &error));
	CHECK_HOLDS(error ? error->message : NULL, "ctrl/inst1.qmp: No such file");
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	int qmp = listen_at(root, "qmp");
	int kvmd = listen_at(root, "kvmd");
	gint64 start = g_get_monotonic_time();
	CU_ASSERT_PTR_NULL(tune_guest_connect(root, "inst1", start + G_USEC_PER_SEC / 4, &error));
	CHECK_HOLDS(error ? error->message : NULL, "ctrl/inst1.qmp: no greeting in time");
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CHECK_SOON(start);
	close(qmp);
	close(kvmd);
}

/* ---- what is configured ---- */

static void test_list(void)
{
	g_autoptr(TuneRoot) root = make_host(LINK PID_FILE DIRECTORY "pid/inst2 = 4712\n" DIRECTORY
								     "pid/inst3 = x\n",
					     "qemu -enable-kvm -name inst1 -cpu host");
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) guests = tune_guest_list(root, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(guests->len, 2);
	const TuneRunningGuest *guest = guests->pdata[0];
	CHECK_TEXT(guest->instance, "inst1");
	CHECK_TEXT(guest->cpu_type, "host");
	CHECK_TEXT(guest->note, NULL);
	CU_ASSERT(guest->is_kvm);
	guest = guests->pdata[1];
	CHECK_TEXT(guest->instance, "inst3");
	CHECK_TEXT(guest->cpu_type, NULL);
	CHECK_HOLDS(guest->note, "pid/inst3");
}

static void test_list_of_none(void)
{
	g_autoptr(TuneRoot) root = check_host("a = 1\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) guests = tune_guest_list(root, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(guests->len, 0);
}

#define INSTANCES(lines) "usr/sbin/gnt-instance ! printf '" lines "'\n"
#define INSTANCE(name, type) name "|node1||up|kvm|plain||" type "\\n"

static const struct {
	const char *name;
	const char *instances;
	const char *line;
	const char *runs; /* NULL: as configured */
	const char *configured;
} drifts[] = {
	{ "another type than configured",
	  INSTANCES(INSTANCE("inst1", "host") INSTANCE("inst2", "host")),
	  "qemu -name inst1 -cpu qemu64", "qemu64", "host" },
	{ "as configured", INSTANCES(INSTANCE("inst1", "host")), "qemu -name inst1 -cpu host", NULL,
	  NULL },
	{ "none, and none configured", INSTANCES(INSTANCE("inst1", "")), "qemu -name inst1", NULL,
	  NULL },
	{ "a type, and none configured", INSTANCES(INSTANCE("inst1", "")),
	  "qemu -name inst1 -cpu host", "host", "" },
	{ "none, and one configured", INSTANCES(INSTANCE("inst1", "host,-rtm")), "qemu -name inst1",
	  "", "host,-rtm" },
	{ "a name that is none", INSTANCES(INSTANCE("../x", "host")), "qemu -name inst1", NULL,
	  NULL },
	/* Another hypervisor has no such parameter. */
	{ "another hypervisor", INSTANCES(INSTANCE("inst1", "-")), "qemu -name inst1 -cpu host",
	  NULL, NULL },
};

static void test_drift(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(drifts); i++) {
		check_row(drifts[i].name);
		g_autofree char *text = g_strconcat(LINK PID_FILE, drifts[i].instances, NULL);
		g_autoptr(TuneRoot) root = make_host(text, drifts[i].line);
		g_autoptr(GPtrArray) found = tune_guest_list_drift(root, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(found);
		CU_ASSERT_EQUAL(found->len, drifts[i].runs ? 1 : 0);
		if (!found->len)
			continue;
		const TuneGuestDrift *drift = found->pdata[0];
		CHECK_TEXT(drift->instance, "inst1");
		CHECK_TEXT(drift->runs, drifts[i].runs);
		CHECK_TEXT(drift->configured, drifts[i].configured);
	}
}

static void test_drift_elsewhere(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = make_host(LINK PID_FILE, "qemu -name inst1");

	CU_ASSERT_PTR_NULL(tune_guest_list_drift(root, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

int main(void)
{
	static const Check checks[] = {
		{ "names", test_names },
		{ "names everywhere", test_names_everywhere },
		{ "command lines", test_rows },
		{ "not running", test_not_running },
		{ "strangers", test_strangers },
		{ "bad pid files", test_bad_pids },
		{ "when it was started", test_start },
		{ "whether its QEMU was replaced", test_replaced },
		{ "with which parameters", test_parameters },
		{ "runtime file", test_runtime },
		{ "bad runtime files", test_bad_runtimes },
		{ "no runtime file", test_no_runtime },
		{ "sockets", test_sockets },
		{ "no socket", test_no_socket },
		{ "what runs", test_list },
		{ "nothing runs", test_list_of_none },
		{ "guests that do not run as configured", test_drift },
		{ "only the master can tell", test_drift_elsewhere },
		{ NULL, NULL },
	};

	return check_main("guest", checks);
}
