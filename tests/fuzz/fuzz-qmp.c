/* SPDX-License-Identifier: BSD-2-Clause */
/* What a peer may say instead of QEMU's answers: from its first word, and after a proper greeting. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtune/qemu/cpu.h>

#include "tests/fuzz/fuzz.h"

#define LARGEST_INPUT 65536 /* fits a socket's buffer, so that one thread will do */
#define READY                                                                                      \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}}}}\n"       \
	"{\"return\": {}}\n"

static void ask_all(TuneQmp *qmp)
{
	gboolean is_kvm;

	tune_cpu_free(tune_cpu_ask_qemu(qmp, NULL, NULL, &is_kvm, NULL));
}

static void talk(const char *head, const guint8 *data, size_t size)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		g_error("no socket");
	send(ends[0], head, strlen(head), MSG_DONTWAIT | MSG_NOSIGNAL);
	send(ends[0], data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(ends[0], SHUT_WR);
	gint64 deadline = g_get_monotonic_time() + G_USEC_PER_SEC;
	g_autoptr(TuneQmp) qmp = tune_qmp_new(ends[1], "fuzz", deadline, NULL);
	if (qmp)
		ask_all(qmp);
	close(ends[0]);
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
	if (size > LARGEST_INPUT)
		return 0;
	talk("", data, size);
	talk(READY, data, size);
	return 0;
}
