/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu ledger and cpu noted: what cluster ledger and the hook after a migration ask of a node. */
#include <stdio.h>

#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/options.h"

static int print_text(const char *text)
{
	if (!text)
		return EXIT_FAILED;
	fputs(text, stdout);
	if (*text)
		putchar('\n');
	return EXIT_AS_WANTED;
}

int run_cpu_ledger(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	g_autofree char *text = root ? tune_ledger_read(root, error) : NULL;

	return print_text(text);
}

int run_cpu_noted(const Options *options, char **arguments, GError **error)
{
	if (!*arguments || arguments[1])
		return EXIT_USAGE;
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	g_autofree char *text = root ? tune_proof_read_note(root, *arguments, error) : NULL;

	return print_text(text);
}
