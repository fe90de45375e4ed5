/* SPDX-License-Identifier: BSD-2-Clause */
/* Which code an errno becomes. */
#include <errno.h>

#include <libtune/base/error.h>

#include "tests/unit/check.h"

static void test_errno(void)
{
	static const struct {
		int number;
		TuneErrorCode code;
	} rows[] = {
		{ ENOENT, TUNE_ERROR_ABSENT },  { ENOTDIR, TUNE_ERROR_ABSENT },
		{ ENODEV, TUNE_ERROR_ABSENT },  { ENXIO, TUNE_ERROR_ABSENT },
		{ EACCES, TUNE_ERROR_DENIED },  { EPERM, TUNE_ERROR_DENIED },
		{ EROFS, TUNE_ERROR_DENIED },   { EINVAL, TUNE_ERROR_REFUSED },
		{ EBUSY, TUNE_ERROR_REFUSED },  { ERANGE, TUNE_ERROR_REFUSED },
		{ ENOMEM, TUNE_ERROR_REFUSED }, { EOPNOTSUPP, TUNE_ERROR_REFUSED },
		{ EISDIR, TUNE_ERROR_IO },      { EIO, TUNE_ERROR_IO },
		{ ENOSPC, TUNE_ERROR_IO },      { ELOOP, TUNE_ERROR_IO },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(g_strerror(rows[i].number));
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("it: ", g_strerror(rows[i].number), NULL);
		errno = rows[i].number;
		CU_ASSERT_FALSE(tune_fail_errno(&error, "it"));
		CHECK_TEXT(error->message, text);
		CHECK_ERROR(error, rows[i].code);
	}
	check_row(NULL);
	g_autoptr(GError) error = NULL;
	errno = ENOSYS;
	CU_ASSERT_FALSE(tune_fail_errno(&error, "it"));
	CHECK_TEXT(error->message,
		   "it: this kernel lacks a system call: Linux 5.6 or later is needed");
	/* Without a place for the error, nothing is set. */
	CU_ASSERT_FALSE(tune_fail_errno(NULL, "it"));
}

int main(void)
{
	static const Check checks[] = {
		{ "errno", test_errno },
		{ NULL, NULL },
	};

	return check_main("error", checks);
}
