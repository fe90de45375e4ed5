/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu guests: what runs on this node. */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/options.h"

const Column cpu_guests_columns[] = {
	{ "instance", TRUE, "its name" },
	{ "cpu_type", TRUE, "what its QEMU was started with after -cpu; empty: QEMU's default" },
	{ "kvm", TRUE, "yes; no where its QEMU was started without KVM" },
	{ "started", FALSE, "when its QEMU was started here, by a start or a migration, UTC" },
	{ "qemu", FALSE, "replaced: the file of its QEMU is there no more; installed: it is" },
	{ "hvparams", FALSE, "the hypervisor parameters that Ganeti has started it with (JSON)" },
	{ "note", FALSE, "why nothing is known of it" },
	{ NULL, FALSE, NULL },
};

int run_cpu_guests(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("guests", cpu_guests_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) guests = root ? tune_guest_list(root, error) : NULL;
	if (!guests)
		return EXIT_FAILED;
	for (guint i = 0; i < guests->len; i++) {
		const TuneRunningGuest *guest = guests->pdata[i];
		const char *kvm = guest->note ? NULL : guest->is_kvm ? "yes" : "no";
		g_autofree char *started = table_format_time(guest->started);
		const char *cells[] = { guest->instance, guest->cpu_type, kvm,        started,
					guest->qemu,     guest->hvparams, guest->note };
		(guest->note ? table_add_marked : table_add)(table, cells);
	}
	table_print(table);
	return EXIT_AS_WANTED;
}
