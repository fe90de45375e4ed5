/* SPDX-License-Identifier: BSD-2-Clause */
/* A real QEMU: one that is started to be asked shows the same as a running guest. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <libtune/qemu/cpu.h>
#include <libtune/qemu/capabilities.h>
#include <libtune/qemu/process.h>
#include <libtune/qemu/registers.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"

#define QEMU "usr/bin/qemu-system-x86_64"
#define LIMIT_S 60

static TuneCpu *probe(const char *cpu, const char *accelerators, gboolean is_enforced,
		      GError **error)
{
	g_autoptr(TuneRoot) root = tune_root_open("/", NULL);
	const TuneQemuSettings settings = { QEMU, "pc", cpu, accelerators, is_enforced };

	g_autoptr(TuneQemuProcess)
		started = tune_qemu_process_start(root, &settings, check_in_s(LIMIT_S), error);
	gboolean is_kvm;

	return started ? tune_cpu_ask_qemu(tune_qemu_process_get_qmp(started), NULL, NULL, &is_kvm,
					   error)
		       : NULL;
}

static const char *accelerators;
static const char *host = "host";

static TuneCpu *probe_good(const char *cpu)
{
	g_autoptr(GError) error = NULL;
	TuneCpu *found = probe(cpu, accelerators, FALSE, &error);

	CHECK_NO_ERROR(error);
	return found;
}

static void check_equal(const TuneCpu *one, const TuneCpu *other)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		if (one->words[word] != other->words[word])
			printf("# %s: %#" G_GINT64_MODIFIER "x and %#" G_GINT64_MODIFIER "x\n",
			       tune_cpu_word_name(word), one->words[word], other->words[word]);
		CU_ASSERT_EQUAL(one->words[word], other->words[word]);
	}
	CHECK_TEXT(one->vendor, other->vendor);
	CHECK_TEXT(one->texts[TUNE_CPU_QEMU], other->texts[TUNE_CPU_QEMU]);
	CU_ASSERT_EQUAL(one->family, other->family);
	CU_ASSERT_EQUAL(one->model, other->model);
	CU_ASSERT_EQUAL(one->stepping, other->stepping);
	CU_ASSERT_EQUAL(one->phys_bits, other->phys_bits);
}

static void test_image(void)
{
	g_autoptr(TuneCpu) cpu = probe_good(host);

	CU_ASSERT_EQUAL(strlen(cpu->vendor), 12);
	CU_ASSERT(cpu->phys_bits >= 32 && cpu->phys_bits <= 52);
	CU_ASSERT(cpu->family > 0);
	CU_ASSERT(g_ascii_isdigit(*cpu->texts[TUNE_CPU_QEMU]));
	/* Every x86 of 64 bits has them. */
	CU_ASSERT(tune_cpu_has_feature(cpu, "fpu"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "lm"));
}

/* Masked names are lost, and nothing else is. */
static void test_masks(void)
{
	static const char *const masked[] = { "cx16", "clwb", "clflushopt", "smap" };
	g_autoptr(GString) string = g_string_new(host);
	for (size_t i = 0; i < G_N_ELEMENTS(masked); i++)
		g_string_append_printf(string, ",-%s", masked[i]);
	g_autoptr(TuneCpu) whole = probe_good(host);
	g_autoptr(TuneCpu) less = probe_good(string->str);
	guint n_lost = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(masked); i++) {
		n_lost += tune_cpu_has_feature(whole, masked[i]);
		tune_cpu_set_feature(whole, masked[i], FALSE);
	}
	CU_ASSERT(n_lost > 0);
	check_equal(whole, less);
}

static void test_models(void)
{
	g_autoptr(TuneCpu) kvm64 = probe_good("kvm64");
	g_autoptr(TuneCpu) westmere = probe_good("Westmere");
	g_autoptr(TuneCpu) v1 = probe_good("Westmere-v1");

	check_equal(westmere, v1);
	CU_ASSERT_EQUAL(westmere->model, 44);
	CU_ASSERT_FALSE(tune_cpu_has_feature(kvm64, "sse4.2"));
}

static void test_refusals(void)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(probe("NoSuchModel", accelerators, FALSE, &error));
	CHECK_HOLDS(error ? error->message : NULL, "unable to find CPU model 'NoSuchModel'");
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
	CU_ASSERT_PTR_NULL(probe("kvm64,+no-such", accelerators, FALSE, &error));
	CHECK_HOLDS(error ? error->message : NULL, "no-such");
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
	/* AMX and 3DNow!: no machine has both. */
	CU_ASSERT_PTR_NULL(
		probe("kvm64,+3dnow,+3dnowext,+amx-tile,+xstore", accelerators, TRUE, &error));
	CHECK_HOLDS(error ? error->message : NULL, "doesn't support requested features: ");
	CHECK_HOLDS(error ? error->message : NULL, "3dnowext");
	CHECK_HOLDS(error ? error->message : NULL, "amx-tile");
	CU_ASSERT_PTR_NULL(error ? strstr(error->message, "CPUID") : NULL);
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
}

/* A register that the guest lacks has no bit set. */
static void test_flags(void)
{
	g_autoptr(TuneCpu) without = probe_good("kvm64,-arch-capabilities");
	g_autoptr(TuneCpu) with = probe_good(host);

	CU_ASSERT_EQUAL(without->words[TUNE_CPU_MSR_10A], 0);
	CU_ASSERT_EQUAL(without->words[TUNE_CPU_MSR_48B], 0);
	if (!tune_cpu_has_feature(with, "arch-capabilities"))
		CU_ASSERT_EQUAL(with->words[TUNE_CPU_MSR_10A], 0);
}

static gboolean holds(const GPtrArray *names, const char *name)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

static void test_stock(void)
{
	g_autoptr(TuneRoot) root = tune_root_open("/", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneQemuCapabilities)
		capabilities = tune_qemu_ask_capabilities(root, QEMU, check_in_s(LIMIT_S), &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT(holds(capabilities->machines, "pc"));
	CU_ASSERT(holds(capabilities->machines, "q35"));
	CU_ASSERT(holds(capabilities->features, "cx16"));
	CU_ASSERT(holds(capabilities->features, "rdctl-no"));
	CU_ASSERT_FALSE(holds(capabilities->features, "no-such-feature"));
	CU_ASSERT(strchr(capabilities->version, '.') != NULL);
}

/* ---- a running guest ---- */

static void await_socket(TuneRoot *root)
{
	for (int i = 0; i < 1000; i++) {
		g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, "g.qmp", check_in_s(LIMIT_S), NULL);
		if (qmp)
			return;
		g_usleep(10000);
	}
}

/* @firmware: its file, or NULL for a guest that does not begin */
static GPid start_guest(TuneRoot *root, const char *cpu, const char *firmware)
{
	g_autofree char *socket = g_strdup_printf("unix:%s/g.qmp,server=on,wait=off",
						  tune_root_get_directory(root));
	g_autofree char *machine = g_strconcat("pc,accel=", accelerators, NULL);
	char *argv[] = { (char *)"/" QEMU,
			 (char *)"-display",
			 (char *)"none",
			 (char *)"-nodefaults",
			 (char *)"-machine",
			 machine,
			 (char *)"-cpu",
			 (char *)cpu,
			 (char *)"-m",
			 (char *)"16",
			 (char *)"-qmp",
			 socket,
			 (char *)(firmware ? "-bios" : "-S"),
			 (char *)firmware,
			 NULL };
	g_autoptr(GError) error = NULL;
	GPid pid = 0;

	g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
		      NULL, NULL, &pid, &error);
	CHECK_NO_ERROR(error);
	await_socket(root);
	return pid;
}

static void end_guest(GPid pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static TuneCpu *ask_guest(TuneRoot *root, const TuneCpu *target, gint64 deadline, GError **error)
{
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, "g.qmp", deadline, error);
	gboolean is_kvm;

	return qmp ? tune_cpu_ask_qemu(qmp, target, target, &is_kvm, error) : NULL;
}

/* A guest sees what a QEMU that is started with the same type shows.  Prints how long asking takes. */
static void check_guest(const char *string)
{
	g_autoptr(TuneRoot) root = check_host("run/ /");
	gint64 started = g_get_monotonic_time();
	g_autoptr(TuneCpu) probed = probe_good(string);
	gint64 probed_at = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;
	GPid pid = start_guest(root, string, NULL);
	g_autoptr(TuneCpu) all = ask_guest(root, NULL, check_in_s(LIMIT_S), &error);
	gint64 start = g_get_monotonic_time();
	g_autoptr(TuneCpu) live = all ? ask_guest(root, all, check_in_s(LIMIT_S), &error) : NULL;

	printf("# %s: a running guest was asked in %.2f ms, one started for it in %.0f ms\n",
	       string, (double)(g_get_monotonic_time() - start) / 1000,
	       (double)(probed_at - started) / 1000);
	end_guest(pid);
	CHECK_NO_ERROR(error);
	check_equal(all, probed);
	/* Features that were not asked for are those that host and target have both. */
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		CU_ASSERT_EQUAL(live->words[word], all->words[word]);
	CHECK_TEXT(live->vendor, all->vendor);
}

static void test_running_guest(void)
{
	check_guest(host);
	check_guest("kvm64");
	check_guest("Westmere,-aes");
}

/* ---- control registers ---- */

/* Real mode, from the beginning of the last 64 KiB: CR4.PGE and EFER.SCE are set, and the vCPU halts. */
static const guint8 code[] = {
	0x0f, 0x20, 0xe0,             /* mov eax, cr4 */
	0x66, 0x0d, 0x80, 0, 0, 0,    /* or eax, 0x80 */
	0x0f, 0x22, 0xe0,             /* mov cr4, eax */
	0x66, 0xb9, 0x80, 0, 0, 0xc0, /* mov ecx, 0xc0000080 */
	0x0f, 0x32,                   /* rdmsr */
	0x0c, 0x01,                   /* or al, 1 */
	0x0f, 0x30,                   /* wrmsr */
	0xf4, 0xeb, 0xfd,             /* hlt, and once more */
};

static char *write_firmware(TuneRoot *root)
{
	static guint8 firmware[0x10000];
	char *path = g_build_filename(tune_root_get_directory(root), "firmware", NULL);

	memset(firmware, 0xf4, sizeof(firmware));
	memcpy(firmware, code, sizeof(code));
	/* jmp to 0 from where a CPU begins. */
	memcpy(firmware + 0xfff0, (const guint8[]){ 0xe9, 0x0d, 0x00 }, 3);
	CU_ASSERT(g_file_set_contents(path, (const char *)firmware, sizeof(firmware), NULL));
	return path;
}

static gboolean ask_registers(TuneRoot *root, TuneRegisters *ret_registers, double *ret_ms)
{
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, "g.qmp", check_in_s(LIMIT_S), NULL);
	gint64 start = g_get_monotonic_time();

	if (!qmp)
		return FALSE;
	tune_qmp_ask(qmp, "human-monitor-command", "command-line", "info registers -a", NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, NULL);
	const char *text = answer ? json_string_value(answer) : NULL;
	*ret_ms = (double)(g_get_monotonic_time() - start) / 1000;
	return text && tune_registers_parse(text, 1, ret_registers);
}

/* Registers show what the guest has set, as soon as it has done so. */
static void test_registers(void)
{
	g_autoptr(TuneRoot) root = check_host("run/ /");
	g_autofree char *firmware = write_firmware(root);
	TuneRegisters registers = { 0, 0 };
	GPid pid = start_guest(root, host, firmware);
	double ms = 0;

	gboolean is_read = ask_registers(root, &registers, &ms);
	for (guint i = 0; is_read && !registers.efer && i < LIMIT_S * 100; i++) {
		g_usleep(10000);
		is_read = ask_registers(root, &registers, &ms);
	}
	end_guest(pid);
	printf("# registers were asked for in %.2f ms\n", ms);
	CU_ASSERT(is_read);
	CU_ASSERT_EQUAL(registers.cr4, 0x80);
	CU_ASSERT_EQUAL(registers.efer, 1);
}

static void check_late(TuneRoot *root, GPid pid, const char *message)
{
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();

	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	g_autoptr(TuneCpu) cpu = ask_guest(root, NULL, start + G_USEC_PER_SEC / 4, &error);
	kill(pid, SIGCONT);
	CU_ASSERT_PTR_NULL(cpu);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CHECK_SOON(start);
}

/* A guest that is stopped, whose socket another client has, that answers again, and that has ended. */
static void test_bad_times(void)
{
	g_autoptr(TuneRoot) root = check_host("run/ /");
	g_autoptr(GError) error = NULL;
	GPid pid = start_guest(root, "kvm64", NULL);
	g_autoptr(TuneQmp) other = tune_qmp_connect(root, "g.qmp", check_in_s(LIMIT_S), &error);
	CU_ASSERT_PTR_NULL(
		ask_guest(root, NULL, g_get_monotonic_time() + G_USEC_PER_SEC / 4, NULL));
	tune_qmp_close(g_steal_pointer(&other));
	check_late(root, pid, "g.qmp: no greeting in time");
	g_autoptr(TuneCpu) cpu = ask_guest(root, NULL, check_in_s(LIMIT_S), &error);
	end_guest(pid);
	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL(cpu);
	CU_ASSERT_PTR_NULL(ask_guest(root, NULL, check_in_s(LIMIT_S), &error));
	CHECK_HOLDS(error ? error->message : NULL, "g.qmp: Connection refused");
	CHECK_ERROR(error, TUNE_ERROR_IO);
}

/* ---- accelerators of this machine ---- */

/* Some kernels offer a register on AMD that old QEMUs fail to set; then "host" is without it. */
static gboolean choose_host(void)
{
	static const char *const strings[] = { "host", "host,-arch-capabilities" };

	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
		g_autoptr(TuneCpu) cpu = probe(strings[i], "kvm", FALSE, NULL);
		if (!cpu)
			continue;
		accelerators = "kvm";
		host = strings[i];
		return TRUE;
	}
	g_autoptr(TuneCpu) cpu = probe("max", "tcg", FALSE, NULL);
	accelerators = "tcg";
	host = "max";
	return cpu != NULL;
}

static void test_no_real_qemu(void)
{
	check_skip("no working /" QEMU);
}

int main(void)
{
	static const Check without_qemu[] = {
		{ "a real QEMU", test_no_real_qemu },
		{ NULL, NULL },
	};
	static const Check with_qemu[] = {
		{ "image", test_image },
		{ "masks", test_masks },
		{ "models", test_models },
		{ "refusals", test_refusals },
		{ "flags", test_flags },
		{ "capabilities", test_stock },
		{ "running guest", test_running_guest },
		{ "registers", test_registers },
		{ "a guest that does not answer", test_bad_times },
		{ NULL, NULL },
	};

	return check_main("process-qemu", choose_host() ? with_qemu : without_qemu);
}
