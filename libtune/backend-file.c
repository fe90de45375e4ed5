/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/backend.h>
#include <libtune/root.h>

const TuneBackend tune_backend_file = {
	.read = tune_root_read_attribute,
	.write = tune_root_write,
	.check = tune_root_check_write,
};
