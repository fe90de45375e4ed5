/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <libtune/base/error.h>
#include <libtune/qemu/qmp.h>
#include <libtune/base/root.h>

#define LARGEST_ANSWER (1024 * 1024)

struct TuneQmp {
	int fd;
	char *name;
	char *version;
	gint64 deadline;
	GString *out; /* commands to be sent */
	GString *in;  /* received, not consumed */
};

const char *tune_qmp_get_version(const TuneQmp *qmp)
{
	return qmp->version;
}

void tune_qmp_set_deadline(TuneQmp *qmp, gint64 deadline)
{
	qmp->deadline = deadline;
}

/* ---- bytes ---- */

static gboolean fail_late(const TuneQmp *qmp, GError **error)
{
	return tune_fail(error, TUNE_ERROR_TIMEOUT, "%s: %s", qmp->name,
			 qmp->version
				 ? "QEMU did not answer in time"
				 : "no greeting in time: QEMU hangs, or serves another client");
}

/* Called before each read and write, so that the deadline also ends a peer that never stops sending. */
static gboolean wait_for(TuneQmp *qmp, short events, GError **error)
{
	struct pollfd ready = { .fd = qmp->fd, .events = events };

	for (;;) {
		gint64 left = qmp->deadline - g_get_monotonic_time();
		if (left <= 0)
			return fail_late(qmp, error);
		int n_ready = poll(&ready, 1, (int)MIN((left + 999) / 1000, G_MAXINT));
		if (n_ready > 0)
			return TRUE;
		if (n_ready < 0 && errno != EINTR)
			return tune_fail_errno(error, qmp->name);
	}
}

static gboolean is_temporary(int number)
{
	return number == EINTR || number == EAGAIN || number == EWOULDBLOCK;
}

static gboolean send_commands(TuneQmp *qmp, GError **error)
{
	while (qmp->out->len > 0) {
		if (!wait_for(qmp, POLLOUT, error))
			return FALSE;
		ssize_t n = send(qmp->fd, qmp->out->str, qmp->out->len,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && is_temporary(errno))
			continue;
		if (n < 0)
			return tune_fail_errno(error, qmp->name);
		g_string_erase(qmp->out, 0, n);
	}
	return TRUE;
}

static gboolean receive_some(TuneQmp *qmp, GError **error)
{
	char piece[16384];

	if (!wait_for(qmp, POLLIN, error))
		return FALSE;
	ssize_t n = recv(qmp->fd, piece, sizeof(piece), MSG_DONTWAIT);
	if (n < 0 && is_temporary(errno))
		return TRUE;
	if (n < 0)
		return tune_fail_errno(error, qmp->name);
	if (n == 0)
		return tune_fail(error, TUNE_ERROR_IO, "%s: QEMU hung up", qmp->name);
	g_string_append_len(qmp->in, piece, n);
	return TRUE;
}

/* ---- lines ---- */

static json_t *receive_line(TuneQmp *qmp, GError **error)
{
	gsize searched = 0;
	const char *end;

	while (!(end = memchr(qmp->in->str + searched, '\n', qmp->in->len - searched))) {
		searched = qmp->in->len;
		if (searched > LARGEST_ANSWER)
			return tune_fail_null(error, TUNE_ERROR_INVALID,
					      "%s: an answer of more than %d MiB", qmp->name,
					      LARGEST_ANSWER >> 20);
		if (!receive_some(qmp, error))
			return NULL;
	}
	gsize length = (gsize)(end - qmp->in->str);
	json_t *line = tune_json_parse(qmp->in->str, length, qmp->name, error);
	g_string_erase(qmp->in, 0, (gssize)length + 1);
	return line;
}

/* Always NULL: with the error that QEMU has answered. */
static json_t *fail_with_answer(TuneQmp *qmp, const json_t *line, GError **error)
{
	const json_t *fault = json_object_get(line, "error");
	const char *text = json_string_value(json_object_get(fault, "desc"));
	g_autofree char *clean = text ? tune_error_clean(text) : NULL;

	if (!clean)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: neither answer nor event",
				      qmp->name);
	return tune_fail_null(error, TUNE_ERROR_REFUSED, "%s: %s", qmp->name, clean);
}

json_t *tune_qmp_receive(TuneQmp *qmp, GError **error)
{
	if (!send_commands(qmp, error))
		return NULL;
	for (;;) {
		json_auto_t *line = receive_line(qmp, error);
		if (!line)
			return NULL;
		json_t *value = json_object_get(line, "return");
		if (value)
			return json_incref(value);
		if (!json_object_get(line, "event"))
			return fail_with_answer(qmp, line, error);
	}
}

void tune_qmp_ask_with(TuneQmp *qmp, const char *command, json_t *arguments)
{
	json_auto_t *line = json_pack("{s:s, s:o*}", "execute", command, "arguments", arguments);
	g_autofree char *text = json_dumps(line, JSON_COMPACT);

	g_string_append_printf(qmp->out, "%s\n", text);
}

void tune_qmp_ask(TuneQmp *qmp, const char *command, ...)
{
	json_t *arguments = NULL;
	va_list args;

	va_start(args, command);
	for (const char *key; (key = va_arg(args, const char *));) {
		if (!arguments)
			arguments = json_object();
		json_object_set_new(arguments, key, json_string(va_arg(args, const char *)));
	}
	va_end(args);
	tune_qmp_ask_with(qmp, command, arguments);
}

/* ---- the greeting ---- */

static char *format_version(const json_t *greeting)
{
	static const char *const parts[] = { "major", "minor", "micro" };
	const json_t *hello = json_object_get(greeting, "QMP");
	const json_t *version = json_object_get(hello, "version");
	const json_t *qemu = json_object_get(version, "qemu");
	gint64 numbers[G_N_ELEMENTS(parts)];

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if (!tune_json_number(json_object_get(qemu, parts[i]), &numbers[i]))
			return NULL;
	return g_strdup_printf("%d.%d.%d", (int)numbers[0], (int)numbers[1], (int)numbers[2]);
}

static gboolean receive_greeting(TuneQmp *qmp, GError **error)
{
	json_auto_t *greeting = receive_line(qmp, error);

	if (!greeting)
		return FALSE;
	qmp->version = format_version(greeting);
	if (!qmp->version)
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: not a QMP greeting", qmp->name);
	tune_qmp_ask(qmp, "qmp_capabilities", NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, error);
	return answer != NULL;
}

TuneQmp *tune_qmp_new(int fd, const char *name, gint64 deadline, GError **error)
{
	g_autoptr(TuneQmp) qmp = g_new0(TuneQmp, 1);

	qmp->fd = fd;
	qmp->name = g_strdup(name);
	qmp->deadline = deadline;
	qmp->out = g_string_new(NULL);
	qmp->in = g_string_new(NULL);
	return receive_greeting(qmp, error) ? g_steal_pointer(&qmp) : NULL;
}

void tune_qmp_close(TuneQmp *qmp)
{
	if (!qmp)
		return;
	close(qmp->fd);
	g_string_free(qmp->in, TRUE);
	g_string_free(qmp->out, TRUE);
	g_free(qmp->version);
	g_free(qmp->name);
	g_free(qmp);
}

/* ---- the socket ---- */

static gboolean check_socket(int node, const char *path, GError **error)
{
	struct stat status;

	if (fstat(node, &status) < 0)
		return tune_fail_errno(error, path);
	if (!S_ISSOCK(status.st_mode))
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: not a socket", path);
	return TRUE;
}

/* With a full backlog connect(2) waits, and fails with EAGAIN after the send timeout; a timeout of 0 would be none. */
static gboolean limit_connect(int fd, const char *path, gint64 deadline, GError **error)
{
	gint64 left = MAX(1, deadline - g_get_monotonic_time());
	struct timeval limit = { .tv_sec = left / G_USEC_PER_SEC,
				 .tv_usec = left % G_USEC_PER_SEC };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return tune_fail_errno(error, path);
	return TRUE;
}

/*
 * Connects through the descriptor in /proc: the path was resolved below the root, and may be longer than the 108 bytes of
 * an address.
 */
static gboolean connect_to(int fd, int node, const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	g_snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", node);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return TRUE;
	if (errno == EAGAIN)
		return tune_fail(error, TUNE_ERROR_TIMEOUT, "%s: too many clients wait for QEMU",
				 path);
	return tune_fail_errno(error, path);
}

TuneQmp *tune_qmp_connect(TuneRoot *root, const char *path, gint64 deadline, GError **error)
{
	g_auto(filedesc) node = tune_root_open_file(root, path, O_PATH, 0, error);

	deadline = tune_root_limit_deadline(root, deadline);
	if (node < 0 || !check_socket(node, path, error))
		return NULL;
	g_auto(filedesc) fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		tune_fail_errno(error, path);
		return NULL;
	}
	if (!limit_connect(fd, path, deadline, error) || !connect_to(fd, node, path, error))
		return NULL;
	return tune_qmp_new(filedesc_steal(&fd), path, deadline, error);
}
