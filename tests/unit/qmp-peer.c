/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/qmp-peer.h"

TuneQmp *peer_start(const char *text, gboolean hangs_up, gint64 deadline, int *ret_peer,
		    GError **error)
{
	size_t length = strlen(text);
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CU_ASSERT_EQUAL_FATAL(send(ends[0], text, length, 0), (ssize_t)length);
	if (hangs_up)
		shutdown(ends[0], SHUT_WR);
	*ret_peer = ends[0];
	return tune_qmp_new(ends[1], "peer", deadline, error);
}

char *peer_read_asked(int peer, guint n_skipped)
{
	g_autoptr(GString) heard = g_string_new(NULL);
	GString *asked = g_string_new(NULL);
	char piece[4096];

	for (ssize_t n; (n = recv(peer, piece, sizeof(piece), MSG_DONTWAIT)) > 0;)
		g_string_append_len(heard, piece, n);
	close(peer);
	g_auto(GStrv) parts = g_strsplit(heard->str, "\"property\":\"", -1);
	for (guint i = 1 + n_skipped; i < g_strv_length(parts); i++)
		g_string_append_printf(asked, "%s%.*s", asked->len ? " " : "",
				       (int)strcspn(parts[i], "\""), parts[i]);
	if (strstr(heard->str, "\"command-line\":\"info registers -a\""))
		g_string_append(asked, " registers");
	return g_string_free(asked, FALSE);
}
