/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/backend.h>
#include <libtune/base/root.h>

const TuneBackend tune_backend_file = {
	.read = tune_root_read_attribute,
	.write = tune_root_write,
	.check = tune_root_check_write,
};
