/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/qemu/cpu.h>
#include <libtune/base/error.h>

void tune_qemu_cpu_free(TuneQemuCpu *cpu)
{
	if (!cpu)
		return;
	g_free(cpu->version);
	g_free(cpu->type);
	g_free(cpu->vendor);
	g_free(cpu->path);
	g_array_unref(cpu->words);
	g_array_unref(cpu->filtered);
	g_array_unref(cpu->flags);
	g_free(cpu);
}

/* QEMU has two bits for some names, and one property. */
static gboolean is_first(const TuneCpuBit *bit)
{
	return tune_cpu_bit_find_name(bit->name) == bit;
}

static GArray *make_flags(void)
{
	GArray *flags = g_array_new(FALSE, FALSE, sizeof(TuneQemuFlag));
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++) {
		TuneQemuFlag flag = { bits[i].name, bits[i].word, TUNE_QEMU_UNKNOWN };
		if (tune_cpu_word_info(bits[i].word)->reg == TUNE_REG_MSR && is_first(&bits[i]))
			g_array_append_val(flags, flag);
	}
	return flags;
}

static TuneQemuCpu *make_cpu(const char *version)
{
	TuneQemuCpu *cpu = g_new0(TuneQemuCpu, 1);

	cpu->version = g_strdup(version);
	cpu->words = g_array_new(FALSE, FALSE, sizeof(TuneQemuWord));
	cpu->filtered = g_array_new(FALSE, FALSE, sizeof(TuneQemuWord));
	cpu->flags = make_flags();
	return cpu;
}

gboolean tune_qemu_cpu_get_word(const TuneQemuCpu *cpu, guint32 leaf, guint32 sub,
				TuneQemuRegister reg, guint32 *ret_value)
{
	for (guint i = 0; i < cpu->words->len; i++) {
		const TuneQemuWord *word = &g_array_index(cpu->words, TuneQemuWord, i);
		if (word->leaf != leaf || word->sub != sub || word->reg != reg)
			continue;
		*ret_value = word->value;
		return TRUE;
	}
	return FALSE;
}

TuneQemuState tune_qemu_cpu_get_flag(const TuneQemuCpu *cpu, const char *name)
{
	for (guint i = 0; i < cpu->flags->len; i++)
		if (strcmp(g_array_index(cpu->flags, TuneQemuFlag, i).name, name) == 0)
			return g_array_index(cpu->flags, TuneQemuFlag, i).state;
	return TUNE_QEMU_UNKNOWN;
}

/* ---- values ---- */

static gboolean read_text(TuneYaml *answer G_GNUC_UNUSED, const yaml_node_t *node, gpointer place)
{
	const char *text = tune_json_text(node);

	if (!text)
		return FALSE;
	g_free(*(char **)place);
	*(char **)place = tune_error_clean(text);
	return TRUE;
}

static gboolean read_number(TuneYaml *answer G_GNUC_UNUSED, const yaml_node_t *node, gpointer place)
{
	return tune_json_number(node, place);
}

static gboolean read_register(const yaml_node_t *node, TuneQemuRegister *ret_register)
{
	static const char *const names[] = { "EAX", "EBX", "ECX", "EDX" };
	const char *name = tune_json_text(node);

	for (guint i = 0; name && i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*ret_register = (TuneQemuRegister)i;
		return TRUE;
	}
	return FALSE;
}

static gboolean read_number32(const yaml_node_t *node, guint32 *ret_number)
{
	gint64 number;

	if (!tune_json_number(node, &number) || number < 0 || number > G_MAXUINT32)
		return FALSE;
	*ret_number = (guint32)number;
	return TRUE;
}

static gboolean read_word(TuneYaml *answer, const yaml_node_t *node, TuneQemuWord *ret_word)
{
	const yaml_node_t *sub = tune_json_get(answer, node, "cpuid-input-ecx");

	*ret_word = (TuneQemuWord){ 0 };
	return read_number32(tune_json_get(answer, node, "cpuid-input-eax"), &ret_word->leaf) &&
	       (!sub || read_number32(sub, &ret_word->sub)) &&
	       read_register(tune_json_get(answer, node, "cpuid-register"), &ret_word->reg) &&
	       read_number32(tune_json_get(answer, node, "features"), &ret_word->value);
}

/* No word at all is as senseless as a broken one: an x86 CPU has some. */
static gboolean read_words(TuneYaml *answer, const yaml_node_t *node, gpointer place)
{
	GArray *words = *(GArray **)place;
	guint n_words = tune_json_length(answer, node);

	g_array_set_size(words, 0);
	for (guint i = 0; i < n_words; i++) {
		TuneQemuWord word;
		if (!read_word(answer, tune_json_item(answer, node, i), &word))
			return FALSE;
		g_array_append_val(words, word);
	}
	return n_words > 0;
}

/* ---- questions ---- */

typedef struct {
	const char *name;
	gboolean (*read)(TuneYaml *answer, const yaml_node_t *node, gpointer place);
	size_t offset; /* in TuneQemuCpu */
} Property;

/* clang-format off */
static const Property properties[] = {
	{ "vendor",        read_text,   G_STRUCT_OFFSET(TuneQemuCpu, vendor) },
	{ "phys-bits",     read_number, G_STRUCT_OFFSET(TuneQemuCpu, phys_bits) },
	{ "tsc-frequency", read_number, G_STRUCT_OFFSET(TuneQemuCpu, tsc_hz) },
	{ "feature-words", read_words,  G_STRUCT_OFFSET(TuneQemuCpu, words) },
};

static const Property details[] = {
	{ "type",              read_text,   G_STRUCT_OFFSET(TuneQemuCpu, type) },
	{ "family",            read_number, G_STRUCT_OFFSET(TuneQemuCpu, family) },
	{ "model",             read_number, G_STRUCT_OFFSET(TuneQemuCpu, model) },
	{ "stepping",          read_number, G_STRUCT_OFFSET(TuneQemuCpu, stepping) },
	{ "level",             read_number, G_STRUCT_OFFSET(TuneQemuCpu, level) },
	{ "xlevel",            read_number, G_STRUCT_OFFSET(TuneQemuCpu, xlevel) },
	{ "filtered-features", read_words,  G_STRUCT_OFFSET(TuneQemuCpu, filtered) },
};
/* clang-format on */

static gboolean fail_senseless(const char *question, GError **error)
{
	return tune_fail(error, TUNE_ERROR_INVALID, "QEMU's answer to %s makes no sense", question);
}

static void ask(const TuneQemuCpu *cpu, TuneQmp *qmp, const char *name)
{
	tune_qmp_ask(qmp, "qom-get", "path", cpu->path, "property", name, NULL);
}

static gboolean receive(TuneQemuCpu *cpu, TuneQmp *qmp, const Property *property, GError **error)
{
	g_autoptr(TuneYaml) answer = tune_qmp_receive(qmp, error);

	if (!answer)
		return FALSE;
	if (property->read(answer, tune_qmp_get_value(answer), (char *)cpu + property->offset))
		return TRUE;
	return fail_senseless(property->name, error);
}

static gboolean ask_all(TuneQemuCpu *cpu, TuneQmp *qmp, const Property *all, size_t n,
			GError **error)
{
	for (size_t i = 0; i < n; i++)
		ask(cpu, qmp, all[i].name);
	for (size_t i = 0; i < n; i++)
		if (!receive(cpu, qmp, &all[i], error))
			return FALSE;
	return TRUE;
}

static gboolean receive_kvm(TuneQemuCpu *cpu, TuneQmp *qmp, GError **error)
{
	g_autoptr(TuneYaml) answer = tune_qmp_receive(qmp, error);

	if (!answer)
		return FALSE;
	const yaml_node_t *enabled = tune_json_get(answer, tune_qmp_get_value(answer), "enabled");
	return tune_json_boolean(enabled, &cpu->is_kvm) || fail_senseless("query-kvm", error);
}

static gboolean receive_path(TuneQemuCpu *cpu, TuneQmp *qmp, GError **error)
{
	g_autoptr(TuneYaml) answer = tune_qmp_receive(qmp, error);

	if (!answer)
		return FALSE;
	const yaml_node_t *first = tune_json_item(answer, tune_qmp_get_value(answer), 0);
	const char *path = tune_json_text(tune_json_get(answer, first, "qom-path"));
	cpu->path = g_strdup(path);
	return path || fail_senseless("query-cpus-fast", error);
}

static gboolean find_first(TuneQemuCpu *cpu, TuneQmp *qmp, GError **error)
{
	tune_qmp_ask(qmp, "query-kvm", NULL);
	tune_qmp_ask(qmp, "query-cpus-fast", NULL);
	return receive_kvm(cpu, qmp, error) && receive_path(cpu, qmp, error);
}

/* ---- flags ---- */

/* A feature of CPUID says that a register is there.  QEMU clears the flags of one that is not. */
static TuneQemuState judge_register(const TuneQemuCpu *cpu, TuneCpuWord word)
{
	TuneCpuMask gate = tune_cpu_masks()->gates[word];
	const TuneCpuWordInfo *info = tune_cpu_word_info(gate.word);
	guint32 value;

	/* Registers are counted alike. */
	if (!tune_qemu_cpu_get_word(cpu, info->leaf, info->sub, (TuneQemuRegister)info->reg,
				    &value) ||
	    (value & gate.mask))
		return TUNE_QEMU_UNKNOWN;
	return TUNE_QEMU_OFF;
}

static void settle_absent(TuneQemuCpu *cpu)
{
	for (guint i = 0; i < cpu->flags->len; i++) {
		TuneQemuFlag *flag = &g_array_index(cpu->flags, TuneQemuFlag, i);
		flag->state = judge_register(cpu, flag->word);
	}
}

TuneQemuCpu *tune_qemu_cpu_ask(TuneQmp *qmp, GError **error)
{
	g_autoptr(TuneQemuCpu) cpu = make_cpu(tune_qmp_get_version(qmp));

	if (!find_first(cpu, qmp, error) ||
	    !ask_all(cpu, qmp, properties, G_N_ELEMENTS(properties), error))
		return NULL;
	settle_absent(cpu);
	return g_steal_pointer(&cpu);
}

gboolean tune_qemu_cpu_ask_details(TuneQemuCpu *cpu, TuneQmp *qmp, GError **error)
{
	return ask_all(cpu, qmp, details, G_N_ELEMENTS(details), error);
}

static gboolean is_open(const TuneQemuFlag *flag, const char *const *names)
{
	return flag->state == TUNE_QEMU_UNKNOWN && (!names || g_strv_contains(names, flag->name));
}

/* A flag that this QEMU has no name for stays unknown: only the conversation itself can fail. */
static gboolean receive_flag(TuneQmp *qmp, TuneQemuFlag *flag, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(TuneYaml) answer = tune_qmp_receive(qmp, &local);
	gboolean is_on;

	if (!answer && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return TRUE;
	if (!answer) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!tune_json_boolean(tune_qmp_get_value(answer), &is_on))
		return fail_senseless(flag->name, error);
	flag->state = is_on ? TUNE_QEMU_ON : TUNE_QEMU_OFF;
	return TRUE;
}

gboolean tune_qemu_cpu_ask_flags(TuneQemuCpu *cpu, TuneQmp *qmp, const char *const *names,
				 GError **error)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new();

	for (guint i = 0; i < cpu->flags->len; i++) {
		TuneQemuFlag *flag = &g_array_index(cpu->flags, TuneQemuFlag, i);
		if (!is_open(flag, names))
			continue;
		ask(cpu, qmp, flag->name);
		g_ptr_array_add(open, flag);
	}
	for (guint i = 0; i < open->len; i++)
		if (!receive_flag(qmp, open->pdata[i], error))
			return FALSE;
	return TRUE;
}
