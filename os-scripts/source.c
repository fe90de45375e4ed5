/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <unistd.h>

#include "os-scripts/parameters.h"
#include "os-scripts/source.h"

#define LARGEST_TEXT (64 * 1024)

#define WAY_OUT "put it there, or list its directory in tune.yaml(5), guests: images"

static int open_listed(const Os *os, const char *path, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(os->root, NULL, error);

	if (!policy)
		return -1;
	const TuneGuestPolicy *guests = tune_policy_get_guests(policy);
	g_autoptr(GError) local = NULL;
	int fd = tune_root_open_listed(os->root, (const char *const *)guests->images->pdata, path,
				       &local);
	if (fd >= 0)
		return fd;
	gboolean is_refused = g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED);
	os_fail(error, (TuneErrorCode)local->code, "%s%s", local->message,
		is_refused ? ": " WAY_OUT : "");
	return -1;
}

int os_source_open(const Os *os, const char *name, GError **error)
{
	int fd = open_listed(os, os_parameter_get(os->environment, name), error);

	if (fd < 0)
		g_prefix_error(error, "%s: ", name);
	return fd;
}

static gboolean read_all(int fd, GString *text, GError **error)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return os_fail_errno(error, "reading it");
		g_string_append_len(text, piece, n);
		if (text->len > LARGEST_TEXT)
			return os_fail(error, TUNE_ERROR_INVALID, "has more than %d KiB",
				       LARGEST_TEXT / 1024);
	}
	return TRUE;
}

char *os_source_read(const Os *os, const char *name, GError **error)
{
	int fd = os_source_open(os, name, error);

	if (fd < 0)
		return NULL;
	GString *text = g_string_new(NULL);
	gboolean good = read_all(fd, text, error);
	close(fd);
	if (!good)
		g_prefix_error(error, "%s: %s ", name, os_parameter_get(os->environment, name));
	return g_string_free(text, !good);
}
