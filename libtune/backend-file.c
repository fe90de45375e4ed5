/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/backend.h>
#include <libtune/root.h>

const TuneBackend tune_backend_file = { tune_root_read_attribute, tune_root_write,
					tune_root_check_write, NULL };
