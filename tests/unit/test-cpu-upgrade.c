/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Upgrades, node by node, and back: the same CPU under two kernels, and under the kernels and QEMUs of Debian 12 and 13.
 * The first are fingerprints that others have taken of real machines, see test-cpu-pairs.c; upwards nothing is refused.
 */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"

static char *list_refusing(const TuneCpu *from, const TuneCpu *to)
{
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(from, to, 0);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (tune_cpu_class_refuses(reason->kind))
			g_string_append_printf(text, "%s%s:%s", text->len ? " " : "",
					       tune_cpu_class_name(reason->kind), reason->name);
	}
	return g_string_free(text, FALSE);
}

/* ---- one CPU, three kernels ---- */

static char *find_collection(void)
{
	const char *directory = g_getenv("TUNE_CPUID_DIR");

	return directory ? g_strdup(directory) : check_source("../shared/cpuid");
}

static TuneCpu *load(const char *directory, const char *cpu, const char *kernel)
{
	g_autofree char *file = g_strdup_printf("fc-%s_%shost.cpuid", cpu, kernel);
	g_autofree char *path = g_build_filename(directory, file, NULL);
	g_autoptr(GError) error = NULL;
	TuneCpu *image = tune_cpu_load_file(path, NULL, &error);

	CHECK_NO_ERROR(error);
	return image;
}

/* Reasons against the way back: features that only the newer KVM gives. */
/* clang-format off */
static const struct {
	const char *cpu, *from, *to;
	const char *refused;
} kernels[] = {
	{ "AMD_MILAN",         "5.10", "6.1",  "" },
	{ "AMD_MILAN",         "5.10", "6.18", "" },
	{ "AMD_MILAN",         "6.1",  "6.18", "" },
	{ "AMD_MILAN",         "6.1",  "5.10", "lost:amd-psfd" },
	{ "AMD_MILAN",         "6.18", "5.10", "lost:amd-psfd security:sbpb security:ibpb-brtype" },
	{ "AMD_MILAN",         "6.18", "6.1",  "security:sbpb security:ibpb-brtype" },
	{ "INTEL_CASCADELAKE", "5.10", "6.1",  "" },
	{ "INTEL_CASCADELAKE", "5.10", "6.18", "" },
	{ "INTEL_CASCADELAKE", "6.1",  "6.18", "" },
	{ "INTEL_CASCADELAKE", "6.1",  "5.10", "" },
	{ "INTEL_CASCADELAKE", "6.18", "5.10", "security:flush-l1d" },
	{ "INTEL_CASCADELAKE", "6.18", "6.1",  "security:flush-l1d" },
	{ "INTEL_ICELAKE",     "5.10", "6.1",  "" },
	{ "INTEL_ICELAKE",     "5.10", "6.18", "" },
	{ "INTEL_ICELAKE",     "6.1",  "6.18", "" },
	{ "INTEL_ICELAKE",     "6.1",  "5.10", "lost:intel-psfd" },
	{ "INTEL_ICELAKE",     "6.18", "5.10", "security:flush-l1d lost:intel-psfd" },
	{ "INTEL_ICELAKE",     "6.18", "6.1",  "security:flush-l1d" },
};
/* clang-format on */

static void test_kernels(void)
{
	g_autofree char *directory = find_collection();

	if (!g_file_test(directory, G_FILE_TEST_IS_DIR)) {
		check_skip("no collection of dumps; TUNE_CPUID_DIR names one");
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(kernels); i++) {
		check_row_format("%s from %s to %s", kernels[i].cpu, kernels[i].from,
				 kernels[i].to);
		g_autoptr(TuneCpu) from = load(directory, kernels[i].cpu, kernels[i].from);
		g_autoptr(TuneCpu) to = load(directory, kernels[i].cpu, kernels[i].to);
		g_autofree char *found = list_refusing(from, to);
		CHECK_TEXT(found, kernels[i].refused);
	}
}

/* ---- Debian 12 and 13 ---- */

/* The features that the releases treat differently, and those that every CPU has. */
#define ZEN4                                                                                         \
	"0 0 d 68747541 444d4163 69746e65\n1 0 a10f11 0 982201 0783fbff\n7 0 0 0 0 0\nd 0 0 0 0 0\n" \
	"80000000 0 80000022 0 0 0\n80000001 0 0 0 5 28100800\n80000008 0 3030 1100d000 0 0\n"       \
	"8000000a 0 1 8000 0 02000001\n80000021 0 147 0 0 0\n80000022 0 1 0 0 0\n"
#define ICE_LAKE                                                                                     \
	"0 0 7 756e6547 6c65746e 49656e69\n1 0 606a6 0 982201 0783fbff\n7 0 2 0 0 bc000400\n"        \
	"7 2 0 0 0 1\n80000000 0 80000008 0 0 0\n80000001 0 0 0 1 28100800\n80000008 0 302e 0 0 0\n" \
	"msr 10a 10c02e0eb\n"
#define SAPPHIRE_RAPIDS                                                                            \
	"0 0 24 756e6547 6c65746e 49656e69\n1 0 806f8 0 982201 0783fbff\n7 0 2 0 0 bc000400\n"     \
	"7 1 1c10 0 0 0\n7 2 0 0 0 17\n80000000 0 80000008 0 0 0\n80000001 0 0 0 1 28100800\n"     \
	"80000008 0 3034 0 0 0\nmsr 10a 400000000d16e1eb\n"
#define HASWELL                                                                                    \
	"0 0 d 756e6547 6c65746e 49656e69\n1 0 306f2 0 982201 0783fbff\n7 0 0 0 0 8c000400\n"      \
	"80000000 0 80000008 0 0 0\n80000001 0 0 0 1 28100800\n80000008 0 302e 0 0 0\n"

static const TuneCpuProfile debian12 = { "6.1", "7.2" };
static const TuneCpuProfile debian13 = { "6.12", "10.0" };

static TuneCpu *parse(const char *text, const TuneCpuProfile *profile)
{
	g_autoptr(GError) error = NULL;
	TuneCpu *cpu = tune_cpu_parse_dump(text, "cpu", profile, &error);

	CHECK_NO_ERROR(error);
	tune_cpu_set_text(cpu, TUNE_CPU_MICROCODE, "0x1");
	tune_cpu_reduce(cpu);
	return cpu;
}

/*
 * Up, nothing is refused; back, what only the newer kernel gives, or only the newer QEMU has a name for.  That the older
 * QEMU takes no guest of the newer one at all is another rule, and comes first where both are known: test-cpu-setup.c.
 */
/* clang-format off */
static const struct {
	const char *name;
	const char *text;
	const char *back;
} releases[] = {
	{ "Zen 4", ZEN4, "lost:amd-psfd nested:flushbyasid nested:vnmi lost:no-nested-data-bp lost:auto-ibrs security:sbpb security:ibpb-brtype" },
	{ "Ice Lake", ICE_LAKE, "security:flush-l1d lost:intel-psfd security:sbdr-ssdp-no security:fbsdp-no security:psdp-no "
	  "security:fb-clear" },
	{ "Sapphire Rapids", SAPPHIRE_RAPIDS,
	  "security:flush-l1d lost:intel-psfd lost:ipred-ctrl lost:rrsba-ctrl lost:bhi-ctrl security:sbdr-ssdp-no "
	  "security:fbsdp-no security:psdp-no security:fb-clear security:bhi-no security:pbrsb-no" },
	{ "Haswell", HASWELL, "" },
};
/* clang-format on */

static void test_releases(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(releases); i++) {
		check_row(releases[i].name);
		g_autoptr(TuneCpu) old = parse(releases[i].text, &debian12);
		g_autoptr(TuneCpu) new = parse(releases[i].text, &debian13);
		g_autofree char *up = list_refusing(old, new);
		g_autofree char *back = list_refusing(new, old);
		CHECK_TEXT(up, "");
		CHECK_TEXT(back, releases[i].back);
	}
}

/* ---- and every bare CPU of the collection ---- */

static gboolean check_up(const char *directory, const char *name, GHashTable *reasons)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autoptr(TuneCpu) old = tune_cpu_load_file(path, &debian12, NULL);
	g_autoptr(TuneCpu) new = tune_cpu_load_file(path, &debian13, NULL);

	if (!old || !new || !tune_cpu_get_profile(old))
		return FALSE;
	g_autofree char *up = list_refusing(old, new);
	check_row(name);
	CHECK_TEXT(up, "");
	g_autofree char *back = list_refusing(new, old);
	g_auto(GStrv) words = g_strsplit(back, " ", -1);
	for (char **word = words; *word; word++)
		g_hash_table_add(reasons, g_strdup(*word));
	return TRUE;
}

static void test_collection(void)
{
	g_autofree char *directory = find_collection();
	g_autoptr(GDir) files = g_dir_open(directory, 0, NULL);
	g_autoptr(GHashTable)
		reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const char *name;
	guint n = 0;

	if (!files) {
		check_skip("no collection of dumps; TUNE_CPUID_DIR names one");
		return;
	}
	while ((name = g_dir_read_name(files)))
		if (g_str_has_suffix(name, ".cpuid"))
			n += check_up(directory, name, reasons);
	g_autoptr(GString) text = g_string_new(NULL);
	GHashTableIter iter;
	gpointer reason;
	for (g_hash_table_iter_init(&iter, reasons); g_hash_table_iter_next(&iter, &reason, NULL);)
		g_string_append_printf(text, " %s", (const char *)reason);
	printf("# %u bare CPUs, from Debian 13 back to 12 refused for:%s\n", n, text->str);
	CU_ASSERT(n > 0);
}

int main(void)
{
	static const Check checks[] = {
		{ "kernels, up and back", test_kernels },
		{ "Debian 12 to 13, and back", test_releases },
		{ "Debian 12 to 13, every bare CPU", test_collection },
		{ NULL, NULL },
	};

	return check_main("cpu-upgrade", checks);
}
