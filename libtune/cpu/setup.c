/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the rule that is in no word of a CPU: clock, QEMU, machine type, options of -cpu. */
#include <stdlib.h>
#include <string.h>

#include <libtune/cpu/compare.h>

/* "name", "+name" or "name=on", as they stand after "-cpu MODEL". */
static gboolean switches_on(const char *option, const char *name)
{
	size_t length = strlen(name);

	if (*option == '+')
		option++;
	if (strncmp(option, name, length) != 0)
		return FALSE;
	return !option[length] || strcmp(option + length, "=on") == 0 ||
	       strcmp(option + length, "=true") == 0 || strcmp(option + length, "=yes") == 0;
}

/* "-name" or "name=off". */
static gboolean switches_off(const char *option, const char *name)
{
	size_t length = strlen(name);

	if (*option == '-')
		return strcmp(option + 1, name) == 0;
	return strncmp(option, name, length) == 0 &&
	       (strcmp(option + length, "=off") == 0 || strcmp(option + length, "=false") == 0 ||
		strcmp(option + length, "=no") == 0);
}

typedef struct {
	gboolean
		has_frequency; /* tsc-frequency: QEMU does not load a guest where it cannot keep it */
	gboolean is_enlightened; /* hv-reenlightenment: the same for guests that run Hyper-V */
	gboolean is_passthrough; /* hv-passthrough: whatever the host's KVM has */
	gboolean is_fixed;       /* migratable=off: QEMU will not move it */
} Options;

/* Sources: QEMU docs/system/i386/hyperv.rst, target/i386/kvm/kvm.c (kvm_arch_set_tsc_khz, blockers). */
static Options read_options(const char *type)
{
	Options options = { 0 };
	g_auto(GStrv) words = g_strsplit(type ? type : "", ",", -1);

	for (char **word = words; *word; word++) {
		g_strdelimit(*word, "_", '-');
		options.has_frequency |= g_str_has_prefix(*word, "tsc-frequency=") ||
					 g_str_has_prefix(*word, "tsc-freq=");
		options.is_enlightened |= switches_on(*word, "hv-reenlightenment");
		options.is_passthrough |= switches_on(*word, "hv-passthrough");
		options.is_fixed |= switches_off(*word, "migratable");
	}
	return options;
}

gboolean tune_cpu_type_is_host(const char *type)
{
	return type && (strcmp(type, "host") == 0 || g_str_has_prefix(type, "host,"));
}

gboolean tune_cpu_type_sets_model(const char *type)
{
	static const char *const names[] = { "family=", "model=", "stepping=" };
	g_auto(GStrv) words = g_strsplit(type ? type : "", ",", -1);

	for (char **word = words; *word; word++)
		for (guint i = 0; i < G_N_ELEMENTS(names); i++)
			if (g_str_has_prefix(*word, names[i]))
				return TRUE;
	return FALSE;
}

/* Source: the property "pmu" of QEMU's target/i386/cpu.c, and max_x86_cpu_initfn() there. */
gboolean tune_cpu_type_has_counters(const char *type)
{
	g_auto(GStrv) words = g_strsplit(type ? type : "", ",", -1);
	gboolean has = *words && (strcmp(*words, "host") == 0 || strcmp(*words, "max") == 0);

	for (char **word = words; *words && *++word;)
		has = (has || switches_on(*word, "pmu")) && !switches_off(*word, "pmu");
	return has;
}

gboolean tune_cpu_type_has_option(const char *type, const char *name)
{
	g_auto(GStrv) words = g_strsplit(type, ",", -1);
	gboolean has = FALSE;

	for (char **word = words; *words && *++word;) {
		g_strdelimit(*word, "_", '-');
		has = (has || switches_on(*word, name)) && !switches_off(*word, name);
	}
	return has;
}

/* ---- features ---- */

void tune_cpu_drop_counters(TuneCpu *cpu)
{
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EAX, 0);
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EDX, 0);
	tune_cpu_set_feature(cpu, "pdcm", FALSE);
	tune_cpu_reduce(cpu);
}

#define PHYS_BITS_LIMIT "host-phys-bits-limit="

/* The first word is the model's name. */
void tune_cpu_mask(TuneCpu *cpu, const char *type)
{
	g_auto(GStrv) words = g_strsplit(type, ",", -1);

	for (char **word = words; *words && *++word;) {
		g_autofree char *name = g_strndup(*word, strcspn(*word, "="));
		const char *bare = g_strdelimit(name, "_", '-') + (*name == '-');
		g_strdelimit(*word, "_", '-');
		if (switches_off(*word, bare))
			tune_cpu_set_feature(cpu, bare, FALSE);
		if (!g_str_has_prefix(*word, PHYS_BITS_LIMIT))
			continue;
		guint64 bits = g_ascii_strtoull(*word + strlen(PHYS_BITS_LIMIT), NULL, 10);
		if (bits > 0 && bits < cpu->phys_bits)
			tune_cpu_set_phys_bits(cpu, (guint)bits);
	}
	if (tune_cpu_type_is_host(type) && !tune_cpu_type_has_counters(type))
		tune_cpu_drop_counters(cpu);
	tune_cpu_reduce(cpu);
}

gboolean tune_cpu_is_guest(const TuneCpu *cpu)
{
	return cpu->source == TUNE_CPU_GUEST;
}

gboolean tune_cpu_follows_node(const TuneCpu *cpu)
{
	return !tune_cpu_is_guest(cpu) || tune_cpu_type_is_host(cpu->texts[TUNE_CPU_TYPE]);
}

TuneCpu *tune_cpu_copy_for(const TuneCpu *node, const TuneCpu *guest)
{
	TuneCpu *cpu = tune_cpu_copy(node);

	if (!tune_cpu_is_guest(guest))
		return cpu;
	if (tune_cpu_follows_node(guest))
		tune_cpu_mask(cpu, guest->texts[TUNE_CPU_TYPE]);
	tune_cpu_copy_machine(cpu, guest);
	return cpu;
}

/* ---- machine types ---- */

void tune_cpu_copy_machine(TuneCpu *cpu, const TuneCpu *guest)
{
	tune_cpu_set_text(cpu, TUNE_CPU_MACHINE, guest->texts[TUNE_CPU_MACHINE]);
	tune_cpu_set_text(cpu, TUNE_CPU_ALIAS, guest->texts[TUNE_CPU_ALIAS]);
}

char *tune_cpu_find_alias(const TuneCpu *cpu, const char *name)
{
	const char *aliases = cpu->texts[TUNE_CPU_ALIASES];
	g_auto(GStrv) words = g_strsplit(aliases ? aliases : "", " ", -1);
	size_t length = strlen(name);

	for (char **word = words; *word; word++)
		if (strncmp(*word, name, length) == 0 && (*word)[length] == '=')
			return g_strdup(*word);
	return NULL;
}

void tune_cpu_start_as(TuneCpu *record, const char *machine)
{
	if (!machine || !*machine || record->source != TUNE_CPU_KVM)
		return;
	g_autofree char *alias = tune_cpu_find_alias(record, machine);
	tune_cpu_set_text(record, TUNE_CPU_ALIAS, alias);
	tune_cpu_set_text(record, TUNE_CPU_MACHINE, alias ? strchr(alias, '=') + 1 : machine);
}

/* ---- clock ---- */

static gboolean is_within_tolerance(guint64 have, guint64 want)
{
	guint64 apart = have > want ? have - want : want - have;

	return apart * 1000000 <= have * TUNE_CPU_TSC_TOLERANCE;
}

static void compare_clocks(const TuneCpu *guest, const TuneCpu *target, gboolean must_keep,
			   TuneCpuFindings *findings)
{
	gboolean knows_both = (guest->fields & target->fields & TUNE_CPU_HAS_TSC_KHZ) != 0;
	gboolean can_scale = (target->fields & TUNE_CPU_HAS_TSC_SCALING) && target->tsc_scaling;

	if (can_scale || (knows_both && is_within_tolerance(guest->tsc_khz, target->tsc_khz)))
		return;
	gboolean may_scale = !(target->fields & TUNE_CPU_HAS_TSC_SCALING);
	if (!knows_both || may_scale) {
		if (must_keep)
			tune_findings_add(findings, TUNE_CPU_UNKNOWN, "tsc");
		return;
	}
	tune_findings_add(findings, must_keep ? TUNE_CPU_LOST : TUNE_CPU_HINT,
			  "tsc-frequency %" G_GUINT64_FORMAT "->%" G_GUINT64_FORMAT " kHz",
			  guest->tsc_khz, target->tsc_khz);
}

/* ---- QEMU ---- */

/* Of "10.0.2 (Debian 1:10.0.2+ds-2)" the first two numbers count: guests can move between stable updates. */
static gint compare_versions(const char *a, const char *b)
{
	for (guint i = 0; i < 2; i++) {
		char *next_a, *next_b;
		guint64 number_a = g_ascii_strtoull(a, &next_a, 10);
		guint64 number_b = g_ascii_strtoull(b, &next_b, 10);
		if (number_a != number_b)
			return number_a < number_b ? -1 : 1;
		a = *next_a == '.' ? next_a + 1 : next_a;
		b = *next_b == '.' ? next_b + 1 : next_b;
	}
	return 0;
}

/* "pc-i440fx-7.2", "pc-q35-rhel9.2.0"; not "pc" or "microvm", which are another machine in each QEMU. */
static gboolean has_version(const char *machine)
{
	const char *version = strrchr(machine, '-');

	if (!version)
		return FALSE;
	while (g_ascii_isalpha(*++version))
		continue;
	return g_ascii_isdigit(*version) && strchr(version, '.') &&
	       !version[strspn(version, "0123456789.")];
}

static gboolean has_machine(const TuneCpu *cpu, const char *machine)
{
	return cpu->machines && g_strv_contains((const char *const *)cpu->machines, machine);
}

static const char name_a_machine[] =
	"set a machine_version that both nodes have and restart the guest";

/*
 * QEMU leaves a machine type with a version as it was, and means guests of it to go to older releases too (its
 * docs/devel/migration/compatibility.rst).  Between 10.0.13 and 7.2.22 they do, with the disks, cards and displays that
 * Ganeti gives them.  QEMU does not promise it: 8.0.0 could not send pc-q35-7.2 to 7.2.
 */
static void compare_older_qemu(const TuneCpu *guest, const TuneCpu *target,
			       TuneCpuFindings *findings)
{
	const char *have = guest->texts[TUNE_CPU_QEMU], *want = target->texts[TUNE_CPU_QEMU];
	const char *machine = guest->texts[TUNE_CPU_MACHINE];

	if (machine && has_version(machine) && has_machine(target, machine))
		tune_findings_add_with(
			findings, TUNE_CPU_HINT,
			"QEMU intends this for such a machine type, but does not promise it: first move a guest that may fail",
			"qemu %s->%s with %s", have, want, machine);
	else
		tune_findings_add_with(findings, TUNE_CPU_LOST, name_a_machine, "qemu %s->%s", have,
				       want);
}

static gboolean runs_same_release(const TuneCpu *guest, const TuneCpu *target)
{
	const char *have = guest->texts[TUNE_CPU_QEMU], *want = target->texts[TUNE_CPU_QEMU];

	return have && want && compare_versions(have, want) == 0;
}

/*
 * Ganeti starts the target's QEMU with the words of the source's.  By an alias, as "pc", that may be another machine,
 * and the target's QEMU does not take the guest.
 */
static void compare_alias(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const char *alias = guest->texts[TUNE_CPU_ALIAS];

	if (!alias)
		return;
	if (!target->texts[TUNE_CPU_ALIASES]) {
		if (!runs_same_release(guest, target))
			tune_findings_add(findings, TUNE_CPU_UNKNOWN, "aliases");
	} else if (!tune_cpu_text_has(target, TUNE_CPU_ALIASES, alias))
		tune_findings_add_with(findings, TUNE_CPU_LOST, name_a_machine, "machine %s",
				       alias);
}

static void compare_qemu(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const char *have = guest->texts[TUNE_CPU_QEMU], *want = target->texts[TUNE_CPU_QEMU];
	const char *machine = guest->texts[TUNE_CPU_MACHINE];

	if (have && !want)
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "qemu");
	else if (have && want && have != want && compare_versions(have, want) > 0)
		compare_older_qemu(guest, target, findings);
	if (machine && !target->machines)
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "machines");
	else if (machine && !has_machine(target, machine))
		tune_findings_add_with(findings, TUNE_CPU_LOST, name_a_machine, "machine %s",
				       machine);
	compare_alias(guest, target, findings);
}

/* ---- all of it ---- */

static void compare_type(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	Options options = read_options(guest->texts[TUNE_CPU_TYPE]);
	gboolean is_invariant = guest->source == TUNE_CPU_GUEST &&
				tune_cpu_has_feature(guest, "invtsc");

	if (is_invariant && !options.has_frequency)
		tune_findings_add(findings, TUNE_CPU_LOST, "invtsc without tsc-frequency");
	if (options.is_passthrough)
		tune_findings_add(findings, TUNE_CPU_LOST, "hv-passthrough");
	if (options.is_fixed)
		tune_findings_add(findings, TUNE_CPU_LOST, "migratable=off");
	compare_clocks(guest, target, options.has_frequency || options.is_enlightened, findings);
}

void tune_cpu_compare_setup(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	if (guest->texts[TUNE_CPU_TYPE] || guest->source == TUNE_CPU_GUEST)
		compare_type(guest, target, findings);
	else
		compare_clocks(guest, target, FALSE, findings);
	compare_qemu(guest, target, findings);
}
