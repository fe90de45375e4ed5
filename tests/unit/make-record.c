/* SPDX-License-Identifier: BSD-2-Clause */
/* make-record NODE CHANGES: the record of a node with a small made-up CPU, see make_cpu(). */
#include <stdio.h>

#include "tests/unit/cpus.h"

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 2;
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, "GenuineIntel", argv[2]);
	tune_cpu_set_node(cpu, argv[1]);
	set_all_names(cpu);
	g_autofree char *text = tune_cpu_to_yaml(cpu);
	return fputs(text, stdout) < 0;
}
