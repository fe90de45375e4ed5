/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/utsname.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/tune-cpu.h>

/* Linux 6.1 and later tell it in a file; on older kernels the machine is that of this program. */
static char *read_machine(TuneRoot *root)
{
	g_autofree char *text = tune_root_read(root, "proc/sys/kernel/arch", NULL);
	struct utsname self;

	if (text && *text)
		return g_strdup(text);
	return g_strdup(uname(&self) == 0 ? self.machine : "");
}

char *tune_cpu_find_foreign_machine(TuneRoot *root)
{
	g_autofree char *machine = read_machine(root);

	if (strcmp(machine, "x86_64") == 0 || g_pattern_match_simple("i?86", machine))
		return NULL;
	return tune_error_clean(machine);
}
