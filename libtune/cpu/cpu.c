/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/record.h>

TuneCpu *tune_cpu_new(TuneCpuSource source)
{
	TuneCpu *cpu = g_new0(TuneCpu, 1);

	cpu->source = source;
	cpu->format = TUNE_CPU_FORMAT;
	return cpu;
}

void tune_cpu_free(TuneCpu *cpu)
{
	if (!cpu)
		return;
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++)
		g_free(cpu->texts[i]);
	g_strfreev(cpu->machines);
	g_strfreev(cpu->parameters);
	g_free(cpu);
}

TuneCpu *tune_cpu_copy(const TuneCpu *cpu)
{
	TuneCpu *copy = g_new(TuneCpu, 1);

	*copy = *cpu;
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++)
		copy->texts[i] = g_strdup(cpu->texts[i]);
	copy->machines = g_strdupv(cpu->machines);
	copy->parameters = g_strdupv(cpu->parameters);
	return copy;
}

/* ---- words ---- */

static gboolean store_word(TuneCpu *cpu, TuneCpuWord word, guint64 value)
{
	if (word == TUNE_CPU_N_WORDS)
		return FALSE;
	cpu->words[word] = value;
	cpu->known |= BIT(word);
	return TRUE;
}

gboolean tune_cpu_set_word(TuneCpu *cpu, guint32 leaf, guint32 sub, TuneCpuRegister reg,
			   guint32 value)
{
	return store_word(cpu, tune_cpu_word_find(leaf, sub, reg), value);
}

gboolean tune_cpu_set_msr(TuneCpu *cpu, guint32 index, guint64 value)
{
	return store_word(cpu, tune_cpu_word_find(index, 0, TUNE_REG_MSR), value);
}

gboolean tune_cpu_set_feature(TuneCpu *cpu, const char *name, gboolean is_on)
{
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);
	gboolean is_found = FALSE;

	for (guint i = 0; i < n_bits; i++) {
		if (strcmp(bits[i].name, name) != 0)
			continue;
		guint64 others = cpu->words[bits[i].word] & ~BIT(bits[i].bit);
		store_word(cpu, bits[i].word, is_on ? others | BIT(bits[i].bit) : others);
		is_found = TRUE;
	}
	return is_found;
}

gboolean tune_cpu_has_feature(const TuneCpu *cpu, const char *name)
{
	const TuneCpuBit *row = tune_cpu_bit_find_name(name);

	return row && (cpu->words[row->word] >> row->bit & 1);
}

/* Numbers and layouts, which QEMU takes from its host. */
static gboolean belongs_to_host(TuneCpuWord word)
{
	return tune_cpu_word_info(word)->kind != TUNE_WORD_BITS;
}

void tune_cpu_assume_rest(TuneCpu *cpu)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (!belongs_to_host(word))
			cpu->known |= BIT(word);
}

void tune_cpu_forget_assumed(TuneCpu *cpu)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (cpu->assumed >> word & 1)
			cpu->words[word] = 0;
	cpu->known &= ~cpu->assumed;
	cpu->assumed = 0;
}

static void adopt_text(TuneCpu *cpu, const TuneCpu *host, TuneCpuText which)
{
	if (!cpu->texts[which])
		cpu->texts[which] = g_strdup(host->texts[which]);
}

void tune_cpu_adopt(TuneCpu *cpu, const TuneCpu *host)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	if (*host->vendor)
		tune_cpu_set_vendor(cpu, host->vendor);
	/* No guest can use more address bits than its host has. */
	if (cpu->fields & host->fields & TUNE_CPU_HAS_PHYS_BITS)
		cpu->phys_bits = MIN(cpu->phys_bits, host->phys_bits);
	/* A named model hides the weaknesses of its host.  The guest has them, so a move to a like CPU adds none. */
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (tune_cpu_knows(cpu, word))
			cpu->words[word] |= host->words[word] & masks->gained[word];
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (belongs_to_host(word) && !tune_cpu_knows(cpu, word) &&
		    tune_cpu_knows(host, word))
			store_word(cpu, word, host->words[word]);
	for (guint i = 0; i < TUNE_CPU_MAX_COMPONENT; i++)
		if (!(cpu->known_components >> i & 1) && (host->known_components >> i & 1))
			tune_cpu_set_component(cpu, i, host->components[i]);
	adopt_text(cpu, host, TUNE_CPU_NODE);
	adopt_text(cpu, host, TUNE_CPU_KERNEL);
	adopt_text(cpu, host, TUNE_CPU_MICROCODE);
	if (!cpu->parameters)
		cpu->parameters = g_strdupv(host->parameters);
}

/* ---- the rest ---- */

void tune_cpu_set_component(TuneCpu *cpu, guint number, TuneCpuComponent component)
{
	g_return_if_fail(number < TUNE_CPU_MAX_COMPONENT);
	cpu->components[number] = component;
	cpu->known_components |= 1u << number;
}

/* A text that has not twelve characters counts as unknown: no record could hold it. */
void tune_cpu_set_vendor(TuneCpu *cpu, const char *vendor)
{
	gboolean is_whole = vendor && strlen(vendor) == sizeof(cpu->vendor) - 1;

	g_strlcpy(cpu->vendor, is_whole ? vendor : "", sizeof(cpu->vendor));
	g_strcanon(cpu->vendor,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _-+.!", '?');
	cpu->maker = tune_cpu_vendor_from_text(cpu->vendor);
}

void tune_cpu_set_signature(TuneCpu *cpu, guint family, guint model, guint stepping)
{
	cpu->family = family;
	cpu->model = model;
	cpu->stepping = stepping;
	cpu->fields |= TUNE_CPU_HAS_SIGNATURE;
}

/* More than 64 bits make no sense, and count as unknown. */
void tune_cpu_set_phys_bits(TuneCpu *cpu, guint bits)
{
	if (bits > 64)
		return;
	cpu->phys_bits = bits;
	cpu->fields |= TUNE_CPU_HAS_PHYS_BITS;
}

void tune_cpu_set_tsc(TuneCpu *cpu, guint64 khz)
{
	cpu->tsc_khz = khz;
	cpu->fields |= TUNE_CPU_HAS_TSC_KHZ;
}

void tune_cpu_set_tsc_scaling(TuneCpu *cpu, gboolean can_scale)
{
	cpu->tsc_scaling = can_scale;
	cpu->fields |= TUNE_CPU_HAS_TSC_SCALING;
}

static char *make_line(const char *text)
{
	char *line = text ? g_utf8_make_valid(text, -1) : NULL;

	for (char *c = line; c && *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return line;
}

void tune_cpu_set_text(TuneCpu *cpu, TuneCpuText which, const char *text)
{
	g_free(cpu->texts[which]);
	cpu->texts[which] = make_line(text);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **make_list(const char *const *texts, guint n_texts)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < n_texts; i++)
		g_ptr_array_add(list, make_line(texts[i]));
	g_ptr_array_sort(list, compare_texts);
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

void tune_cpu_take_parameters(TuneCpu *cpu, GPtrArray *parameters)
{
	g_strfreev(cpu->parameters);
	cpu->parameters = make_list((const char *const *)parameters->pdata, parameters->len);
	g_ptr_array_unref(parameters);
}

void tune_cpu_set_machines(TuneCpu *cpu, const char *const *machines)
{
	g_strfreev(cpu->machines);
	cpu->machines = machines ? make_list(machines, g_strv_length((char **)machines)) : NULL;
}

gboolean tune_cpu_text_has(const TuneCpu *cpu, TuneCpuText which, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = cpu->texts[which]; at && *at; at += strspn(at, " ")) {
		size_t found = strcspn(at, " ");
		if (found == length && strncmp(at, word, length) == 0)
			return TRUE;
		at += found;
	}
	return FALSE;
}

void tune_cpu_set_node(TuneCpu *cpu, const char *node)
{
	tune_cpu_set_text(cpu, TUNE_CPU_NODE, node);
}

const char *tune_cpu_get_profile(const TuneCpu *cpu)
{
	return cpu->texts[TUNE_CPU_PROFILE];
}

const char *tune_cpu_get_differences(const TuneCpu *cpu)
{
	return cpu->texts[TUNE_CPU_DIFFERS];
}

const char *tune_cpu_get_node(const TuneCpu *cpu)
{
	return cpu->texts[TUNE_CPU_NODE];
}

void tune_cpu_set_qemu(TuneCpu *cpu, const char *version)
{
	tune_cpu_set_text(cpu, TUNE_CPU_QEMU, version);
}

void tune_cpu_set_time(TuneCpu *cpu, gint64 seconds)
{
	cpu->time = seconds;
	cpu->fields = seconds ? cpu->fields | TUNE_CPU_HAS_TIME : cpu->fields & ~TUNE_CPU_HAS_TIME;
}

gint64 tune_cpu_get_time(const TuneCpu *cpu)
{
	return cpu->time;
}

/* ---- the fingerprint ---- */

static void append_text(GString *text, const TuneCpu *cpu, TuneCpuText which)
{
	g_string_append_printf(text, "text %u %s\n", which,
			       cpu->texts[which] ? cpu->texts[which] : "");
}

char *tune_cpu_fingerprint(const TuneCpu *cpu)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < TUNE_CPU_N_WORDS; i++)
		if (tune_cpu_knows(cpu, i))
			g_string_append_printf(text, "%s %" G_GINT64_MODIFIER "x\n",
					       tune_cpu_word_name(i), cpu->words[i]);
	for (guint i = 0; i < TUNE_CPU_MAX_COMPONENT; i++)
		if (cpu->known_components >> i & 1)
			g_string_append_printf(text, "xsave %u %x %x %x\n", i,
					       cpu->components[i].size, cpu->components[i].offset,
					       cpu->components[i].flags);
	g_string_append_printf(text, "vendor %s\n", cpu->vendor);
	g_string_append_printf(text, "model %u %u/%u/%u\n", cpu->fields & TUNE_CPU_HAS_SIGNATURE,
			       cpu->family, cpu->model, cpu->stepping);
	g_string_append_printf(text, "address %u %u\n", cpu->fields & TUNE_CPU_HAS_PHYS_BITS,
			       cpu->phys_bits);
	append_text(text, cpu, TUNE_CPU_KERNEL);
	append_text(text, cpu, TUNE_CPU_MICROCODE);
	append_text(text, cpu, TUNE_CPU_QEMU);
	g_string_append_printf(text, "parameters %s\n", cpu->parameters ? "known" : "unknown");
	for (guint i = 0; cpu->parameters && cpu->parameters[i]; i++)
		g_string_append_printf(text, "%s\n", cpu->parameters[i]);
	char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, -1);
	sum[16] = '\0';
	return sum;
}
