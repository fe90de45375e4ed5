/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/compare.h>
#include <libtune/qemu/cpu.h>
#include <libtune/qemu/registers.h>

#define WORD(word) (G_GUINT64_CONSTANT(1) << (word))

/* Questions about one vCPU; @path: of its object in QEMU (QOM) */
typedef struct {
	TuneQmp *qmp;
	char *path;
	guint n_cpus;
	TuneCpu *cpu;
} Questions;

/* ---- values ---- */

static gboolean read_vendor(TuneCpu *cpu, const json_t *node)
{
	const char *vendor = json_string_value(node);

	tune_cpu_set_vendor(cpu, vendor);
	return vendor != NULL;
}

static gboolean read_phys_bits(TuneCpu *cpu, const json_t *node)
{
	gint64 bits;

	if (!tune_json_number(node, &bits))
		return FALSE;
	if (bits > 0 && bits <= G_MAXUINT)
		tune_cpu_set_phys_bits(cpu, (guint)bits);
	return TRUE;
}

/* The frequency that the guest was started with, or the host's; QEMU says 0 where it knows neither. */
static gboolean read_tsc(TuneCpu *cpu, const json_t *node)
{
	gint64 hz;

	if (!tune_json_number(node, &hz))
		return FALSE;
	if (hz > 0)
		tune_cpu_set_tsc(cpu, (guint64)hz / 1000);
	return TRUE;
}

static gboolean read_register(const json_t *node, TuneCpuRegister *ret_register)
{
	static const char *const names[] = { "EAX", "EBX", "ECX", "EDX" };
	const char *name = json_string_value(node);

	for (guint i = 0; name && i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*ret_register = (TuneCpuRegister)i;
		return TRUE;
	}
	return FALSE;
}

static gboolean read_number32(const json_t *node, guint32 *ret_number)
{
	gint64 number;

	if (!tune_json_number(node, &number) || number < 0 || number > G_MAXUINT32)
		return FALSE;
	*ret_number = (guint32)number;
	return TRUE;
}

static gboolean read_word(TuneCpu *cpu, const json_t *node)
{
	const json_t *sub_leaf = json_object_get(node, "cpuid-input-ecx");
	guint32 leaf, sub = 0, value;
	TuneCpuRegister reg;

	if (!read_number32(json_object_get(node, "cpuid-input-eax"), &leaf) ||
	    (sub_leaf && !read_number32(sub_leaf, &sub)) ||
	    !read_register(json_object_get(node, "cpuid-register"), &reg) ||
	    !read_number32(json_object_get(node, "features"), &value))
		return FALSE;
	tune_cpu_set_word(cpu, leaf, sub, reg, value);
	return TRUE;
}

/* An x86 CPU has some words, so an empty list is invalid, too. */
static gboolean read_words(TuneCpu *cpu, const json_t *node)
{
	guint n_words = json_array_size(node);

	for (guint i = 0; i < n_words; i++)
		if (!read_word(cpu, json_array_get(node, i)))
			return FALSE;
	return n_words > 0;
}

/* ---- questions ---- */

/* clang-format off */
static const struct {
	const char *name;
	gboolean (*read)(TuneCpu *cpu, const json_t *node);
} properties[] = {
	{ "vendor",        read_vendor },
	{ "phys-bits",     read_phys_bits },
	{ "tsc-frequency", read_tsc },
	{ "feature-words", read_words },
};
/* clang-format on */

static gboolean fail_senseless(const char *question, GError **error)
{
	return tune_fail(error, TUNE_ERROR_INVALID, "QEMU's answer to %s makes no sense", question);
}

static gboolean receive_is_kvm(TuneQmp *qmp, gboolean *ret_is_kvm, GError **error)
{
	json_auto_t *answer = tune_qmp_receive(qmp, error);

	if (!answer)
		return FALSE;
	const json_t *enabled = json_object_get(answer, "enabled");
	return tune_json_boolean(enabled, ret_is_kvm) || fail_senseless("query-kvm", error);
}

static char *receive_first_cpu(TuneQmp *qmp, guint *ret_n_cpus, GError **error)
{
	json_auto_t *answer = tune_qmp_receive(qmp, error);

	if (!answer)
		return NULL;
	const json_t *first = json_array_get(answer, 0);
	const char *path = json_string_value(json_object_get(first, "qom-path"));
	if (!path)
		fail_senseless("query-cpus-fast", error);
	*ret_n_cpus = json_array_size(answer);
	return g_strdup(path);
}

static void ask_property(const Questions *questions, const char *name)
{
	tune_qmp_ask(questions->qmp, "qom-get", "path", questions->path, "property", name, NULL);
}

static gboolean ask_properties(const Questions *questions, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(properties); i++)
		ask_property(questions, properties[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
		json_auto_t *answer = tune_qmp_receive(questions->qmp, error);
		if (!answer)
			return FALSE;
		if (!properties[i].read(questions->cpu, answer))
			return fail_senseless(properties[i].name, error);
	}
	return TRUE;
}

static gboolean ask_signature(const Questions *questions, GError **error)
{
	static const char *const names[] = { "family", "model", "stepping" };
	guint32 numbers[G_N_ELEMENTS(names)];

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		ask_property(questions, names[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		json_auto_t *answer = tune_qmp_receive(questions->qmp, error);
		if (!answer)
			return FALSE;
		if (!read_number32(answer, &numbers[i]))
			return fail_senseless(names[i], error);
	}
	if (numbers[0])
		tune_cpu_set_signature(questions->cpu, numbers[0], numbers[1], numbers[2]);
	return TRUE;
}

/* ---- bits of MSRs ---- */

/* A CPUID feature says whether an MSR is there.  Without it QEMU clears the bits of the MSR. */
static gboolean is_msr_absent(const TuneCpu *cpu, TuneCpuWord word)
{
	TuneCpuMask gate = tune_cpu_masks()->gates[word];

	return tune_cpu_knows(cpu, gate.word) && !tune_cpu_has(cpu, gate);
}

/* Some names stand for two bits in QEMU, but for one property: it is asked once. */
static gboolean is_property(const TuneCpuBit *bit)
{
	return tune_cpu_word_info(bit->word)->reg == TUNE_REG_MSR &&
	       tune_cpu_bit_find_name(bit->name) == bit;
}

/*
 * Whether the value of @bit can be a reason: a feature can be lost only where @target lacks it, and a weakness can be new
 * only where @target has it.  Bits that KVM does not give on @host are not asked either, since no guest has them: QEMU
 * makes up no bit of an MSR (x86_cpu_filter_features()), and KVM's answer does not change while guests run.  Each
 * question takes QEMU up to 0.7 ms.
 */
static gboolean is_bit_asked(const TuneCpuBit *bit, const TuneCpu *host, const TuneCpu *target)
{
	if (!target)
		return TRUE;
	if (host && !tune_cpu_has_feature(host, bit->name))
		return FALSE;
	return tune_cpu_has_feature(target, bit->name) == ((bit->flags & TUNE_BIT_INVERTED) != 0);
}

/* Leaves @is_on alone when QEMU refuses the question: it has no such property. */
static gboolean receive_boolean(TuneQmp *qmp, const char *name, gboolean *is_on, GError **error)
{
	g_autoptr(GError) local = NULL;
	json_auto_t *answer = tune_qmp_receive(qmp, &local);

	if (!answer && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return TRUE;
	if (!answer) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return tune_json_boolean(answer, is_on) || fail_senseless(name, error);
}

/* A guest does not see a feature that its QEMU has no name for. */
static gboolean receive_bit(const Questions *questions, const char *name, GError **error)
{
	gboolean is_on = FALSE;

	if (!receive_boolean(questions->qmp, name, &is_on, error))
		return FALSE;
	tune_cpu_set_feature(questions->cpu, name, is_on);
	return TRUE;
}

static gboolean ask_bits(const Questions *questions, const TuneCpu *host, const TuneCpu *target,
			 GError **error)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new();
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++) {
		const char *name = bits[i].name;
		if (!is_property(&bits[i]) || is_msr_absent(questions->cpu, bits[i].word))
			continue;
		if (is_bit_asked(&bits[i], host, target)) {
			ask_property(questions, name);
			g_ptr_array_add(open, (gpointer)name);
		} else if (host && tune_cpu_has_feature(host, name) &&
			   tune_cpu_has_feature(target, name)) {
			/* Both nodes give it, so the guest neither loses nor gains it: no need to ask. */
			tune_cpu_set_feature(questions->cpu, name, TRUE);
			questions->cpu->assumed |= WORD(bits[i].word);
		}
	}
	for (guint i = 0; i < open->len; i++)
		if (!receive_bit(questions, open->pdata[i], error))
			return FALSE;
	return TRUE;
}

/*
 * Whether the guest would lose the word that its CPU has no such bug; then family, model and stepping are needed as
 * well.
 */
static gboolean loses_immunity(const TuneCpu *cpu, const TuneCpu *target)
{
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++) {
		guint64 lost = cpu->words[bits[i].word] & ~target->words[bits[i].word];
		if ((bits[i].flags & TUNE_BIT_SILICON) && (lost >> bits[i].bit & 1))
			return TRUE;
	}
	return FALSE;
}

/*
 * Whether the guest has the counters of its host: QEMU hides them, in CPUID and in KVM, where its property "pmu" is
 * off, as it is for named models.  Not asked where both nodes have the same counters, or the host has none.
 */
static gboolean ask_counters(const Questions *questions, const TuneCpu *host, const TuneCpu *target,
			     GError **error)
{
	gboolean is_same = target && host->words[TUNE_CPU_A_EAX] == target->words[TUNE_CPU_A_EAX] &&
			   host->words[TUNE_CPU_A_EDX] == target->words[TUNE_CPU_A_EDX];
	gboolean has_counters = TRUE;

	if (!tune_cpu_get_counters(host).version)
		return TRUE;
	if (is_same) {
		questions->cpu->assumed |= WORD(TUNE_CPU_A_EAX) | WORD(TUNE_CPU_A_EDX);
		return TRUE;
	}
	ask_property(questions, "pmu");
	if (!receive_boolean(questions->qmp, "pmu", &has_counters, error))
		return FALSE;
	if (!has_counters)
		tune_cpu_drop_counters(questions->cpu);
	return TRUE;
}

/* ---- features that the guest has switched on ---- */

/* Intel SDM, control registers; AMD APM, "Extended Feature Enable Register". */
#define CR4_LA57 (1u << 12)
#define CR4_VMXE (1u << 13)
#define EFER_SVME (1u << 12)

static void ask_use(const Questions *questions)
{
	TuneRegisters registers;

	tune_qmp_ask(questions->qmp, "human-monitor-command", "command-line", "info registers -a",
		     NULL);
	json_auto_t *answer = tune_qmp_receive(questions->qmp, NULL);
	const char *text = answer ? json_string_value(answer) : NULL;
	if (!text || !tune_registers_parse(text, questions->n_cpus, &registers))
		return;
	if (!(registers.cr4 & CR4_VMXE) && !(registers.efer & EFER_SVME))
		questions->cpu->unused |= TUNE_CPU_NESTING;
	if (!(registers.cr4 & CR4_LA57))
		questions->cpu->unused |= TUNE_CPU_LA57;
}

TuneCpu *tune_cpu_ask_qemu(TuneQmp *qmp, const TuneCpu *host, const TuneCpu *target,
			   gboolean *ret_is_kvm, GError **error)
{
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_GUEST);

	tune_qmp_ask(qmp, "query-kvm", NULL);
	tune_qmp_ask(qmp, "query-cpus-fast", NULL);
	if (!receive_is_kvm(qmp, ret_is_kvm, error))
		return NULL;
	guint n_cpus = 0;
	g_autofree char *path = receive_first_cpu(qmp, &n_cpus, error);
	const Questions questions = { qmp, path, n_cpus, cpu };
	if (!path || !ask_properties(&questions, error) ||
	    (*ret_is_kvm && !ask_bits(&questions, host, target, error)) ||
	    ((!target || loses_immunity(cpu, target)) && !ask_signature(&questions, error)))
		return NULL;
	tune_cpu_assume_rest(cpu);
	tune_cpu_set_qemu(cpu, tune_qmp_get_version(qmp));
	if (host) {
		tune_cpu_adopt(cpu, host);
		if (*ret_is_kvm && !ask_counters(&questions, host, target, error))
			return NULL;
	}
	tune_cpu_reduce(cpu);
	gboolean is_use_asked = target ? tune_cpu_use_matters(cpu, target)
				       : tune_cpu_has_feature(cpu, "vmx") ||
						 tune_cpu_has_feature(cpu, "svm") ||
						 tune_cpu_has_feature(cpu, "la57");
	if (*ret_is_kvm && is_use_asked)
		ask_use(&questions);
	return g_steal_pointer(&cpu);
}

/* ---- one feature ---- */

gboolean tune_cpu_ask_feature(TuneQmp *qmp, const char *name, gboolean *ret_is_on, GError **error)
{
	guint n_cpus;

	tune_qmp_ask(qmp, "query-cpus-fast", NULL);
	g_autofree char *path = receive_first_cpu(qmp, &n_cpus, error);
	if (!path)
		return FALSE;
	tune_qmp_ask(qmp, "qom-get", "path", path, "property", name, NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, error);
	if (!answer)
		return FALSE;
	return tune_json_boolean(answer, ret_is_on) || fail_senseless(name, error);
}

/* ---- the machine type ---- */

#define MACHINE_SUFFIX "-machine"

gboolean tune_cpu_ask_machine(TuneQmp *qmp, char **ret_machine, GError **error)
{
	g_autoptr(GError) local = NULL;

	*ret_machine = NULL;
	tune_qmp_ask(qmp, "qom-get", "path", "/machine", "property", "type", NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, &local);
	if (!answer && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return TRUE;
	if (!answer) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	const char *type = json_string_value(answer);
	if (!type || !g_str_has_suffix(type, MACHINE_SUFFIX))
		return tune_fail(error, TUNE_ERROR_INVALID,
				 "QEMU's answer about its machine type makes no sense");
	g_autofree char *machine = g_strndup(type, strlen(type) - strlen(MACHINE_SUFFIX));
	*ret_machine = tune_error_clean(machine);
	return TRUE;
}
