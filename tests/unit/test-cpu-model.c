/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include <libtune/cpu/cpu.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

static TuneRoot *root;

static gboolean is_qemu_here(void)
{
	if (access("/" TUNE_CPU_QEMU_BINARY, X_OK) == 0)
		return TRUE;
	check_skip("no QEMU");
	return FALSE;
}

/* A CPU that has the features @names, and no others. */
static TuneCpu *make_bare_cpu(const char *vendor, const char *const *names)
{
	TuneCpu *cpu = tune_cpu_new(TUNE_CPU_GUEST);

	tune_cpu_assume_rest(cpu);
	tune_cpu_set_vendor(cpu, vendor);
	tune_cpu_set_phys_bits(cpu, 46);
	for (; *names; names++)
		CU_ASSERT(tune_cpu_set_feature(cpu, *names, TRUE));
	set_all_names(cpu);
	return cpu;
}

static char *find(const TuneCpu *const *cpus, guint n_cpus, GError **error)
{
	return tune_cpu_find_model(root, TUNE_CPU_QEMU_BINARY, cpus, n_cpus,
				   check_in_s(CHECK_LATE_S), error);
}

/* A model of another maker's CPU may not start under the KVM of this one. */
static gboolean is_refused_here(const GError *error)
{
	if (!g_error_matches(error, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return FALSE;
	CHECK_HOLDS(error->message, "it does not start here: ");
	check_skip("this node does not start it");
	return TRUE;
}

/* The features of QEMU's Westmere-v1 (target/i386/cpu.c), and two that later ones have. */
static const char *const westmere[] = {
	"fpu",  "de",        "pse",  "tsc", "msr",     "pae",     "mce",      "cx8",     "apic",
	"sep",  "mtrr",      "pge",  "mca", "cmov",    "pat",     "pse36",    "clflush", "mmx",
	"fxsr", "sse",       "sse2", "pni", "ssse3",   "cx16",    "sse4.1",   "sse4.2",  "popcnt",
	"aes",  "pclmulqdq", "lm",   "nx",  "syscall", "lahf-lm", "fsgsbase", NULL,
};

static void test_newest_and_flags(void)
{
	g_autoptr(GError) error = NULL;

	if (!is_qemu_here())
		return;
	g_autoptr(TuneCpu) cpu = make_bare_cpu("GenuineIntel", westmere);
	const TuneCpu *cpus[] = { cpu, cpu };
	g_autofree char *type = find(cpus, 2, &error);
	if (is_refused_here(error))
		return;
	CHECK_NO_ERROR(error);
	CHECK_TEXT(type, "Westmere-v1,+fsgsbase");
}

static void test_what_one_lacks(void)
{
	static const char *const little[] = { "fpu", "de", "tsc", NULL };
	g_autoptr(GError) error = NULL;

	if (!is_qemu_here())
		return;
	g_autoptr(TuneCpu) cpu = make_bare_cpu("GenuineIntel", westmere);
	g_autoptr(TuneCpu) lesser = make_bare_cpu("GenuineIntel", little);
	const TuneCpu *cpus[] = { cpu, lesser };
	CU_ASSERT_PTR_NULL(find(cpus, 2, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

static void test_narrow_addresses(void)
{
	g_autoptr(GError) error = NULL;

	if (!is_qemu_here())
		return;
	g_autoptr(TuneCpu) cpu = make_bare_cpu("GenuineIntel", westmere);
	tune_cpu_set_phys_bits(cpu, 39);
	const TuneCpu *cpus[] = { cpu };
	g_autofree char *type = find(cpus, 1, &error);
	if (!is_refused_here(error))
		CHECK_HOLDS(type, ",phys-bits=39");
}

static void test_faults(void)
{
	static const char *const nothing[] = { NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = make_bare_cpu("GenuineIntel", nothing);
	const TuneCpu *cpus[] = { cpu };

	CU_ASSERT_PTR_NULL(find(cpus, 0, &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_PTR_NULL(tune_cpu_find_model(root, "usr/bin/no-such-qemu", cpus, 1,
					       check_in_s(CHECK_LATE_S), &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

int main(void)
{
	static const Check checks[] = {
		{ "the newest, and flags", test_newest_and_flags },
		{ "what one of them lacks", test_what_one_lacks },
		{ "narrow addresses", test_narrow_addresses },
		{ "faults", test_faults },
		{ NULL, NULL },
	};
	root = tune_root_open("/", NULL);
	int status = check_main("cpu-model", checks);

	tune_root_free(root);
	return status;
}
