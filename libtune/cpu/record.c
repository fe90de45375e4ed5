/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a record: a CPU in a YAML file, written by this node or another one. */
#include <string.h>

#include <libtune/cpu/record.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/base/yaml.h>

/* A record has some 200 nodes of YAML; with as many as fit into 64 KiB, reading it would take long. */
#define MOST_NODES 2000

typedef struct {
	TuneYaml *yaml;
	TuneCpu *cpu;
	gboolean is_complete;
} Reader;

static gboolean read_number(Reader *reader, const yaml_node_t *node, guint64 largest,
			    guint64 *ret_number, GError **error)
{
	const char *text = tune_yaml_get_scalar(reader->yaml, node, error);

	if (!text)
		return FALSE;
	gboolean is_hex = g_str_has_prefix(text, "0x");
	if (!g_ascii_string_to_unsigned(text + (is_hex ? 2 : 0), is_hex ? 16 : 10, 0, largest,
					ret_number, NULL))
		return tune_yaml_fail(reader->yaml, node, error,
				      "'%s' is not a number up to %" G_GUINT64_FORMAT, text,
				      largest);
	return TRUE;
}

static gboolean read_three(Reader *reader, const yaml_node_t *node, guint64 *numbers,
			   GError **error)
{
	guint length;

	if (!tune_yaml_get_length(reader->yaml, node, &length, error))
		return FALSE;
	if (length != 3)
		return tune_yaml_fail(reader->yaml, node, error, "expected three numbers, not %u",
				      length);
	for (guint i = 0; i < 3; i++)
		if (!read_number(reader, tune_yaml_get_item(reader->yaml, node, i), G_MAXUINT32,
				 &numbers[i], error))
			return FALSE;
	return TRUE;
}

static gboolean read_choice(Reader *reader, const yaml_node_t *node, const char *const *choices,
			    guint n_choices, guint *ret_choice, GError **error)
{
	const char *text = tune_yaml_get_scalar(reader->yaml, node, error);

	if (!text)
		return FALSE;
	for (guint i = 0; i < n_choices; i++)
		if (strcmp(choices[i], text) == 0) {
			*ret_choice = i;
			return TRUE;
		}
	return tune_yaml_fail(reader->yaml, node, error, "unknown value '%s'", text);
}

static gboolean read_format(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 format;

	if (!read_number(reader, node, G_MAXUINT32, &format, error))
		return FALSE;
	if (format < 1 || format > TUNE_CPU_FORMAT)
		return tune_yaml_fail(reader->yaml, node, error,
				      "unknown format %" G_GUINT64_FORMAT
				      " (this version reads 1 to %d)",
				      format, TUNE_CPU_FORMAT);
	reader->cpu->format = (guint)format;
	return TRUE;
}

static gboolean read_source(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint source = 0;

	if (!read_choice(reader, node, tune_cpu_source_names, TUNE_CPU_N_SOURCES, &source, error))
		return FALSE;
	reader->cpu->source = source;
	return TRUE;
}

static gboolean read_vendor(Reader *reader, const yaml_node_t *node, GError **error)
{
	const char *vendor = tune_yaml_get_scalar(reader->yaml, node, error);

	if (!vendor)
		return FALSE;
	if (strlen(vendor) != 12)
		return tune_yaml_fail(reader->yaml, node, error, "a vendor has 12 characters");
	tune_cpu_set_vendor(reader->cpu, vendor);
	return TRUE;
}

static gboolean read_time(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 time;

	if (!read_number(reader, node, G_MAXINT64, &time, error))
		return FALSE;
	tune_cpu_set_time(reader->cpu, (gint64)time);
	return TRUE;
}

static gboolean read_model(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 numbers[3];

	if (!read_three(reader, node, numbers, error))
		return FALSE;
	tune_cpu_set_signature(reader->cpu, (guint)numbers[0], (guint)numbers[1],
			       (guint)numbers[2]);
	return TRUE;
}

static gboolean read_phys_bits(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 bits;

	if (!read_number(reader, node, 64, &bits, error))
		return FALSE;
	tune_cpu_set_phys_bits(reader->cpu, (guint)bits);
	return TRUE;
}

static gboolean read_tsc(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 khz;

	if (!read_number(reader, node, G_MAXUINT32, &khz, error))
		return FALSE;
	tune_cpu_set_tsc(reader->cpu, khz);
	return TRUE;
}

static gboolean read_unused(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint64 switches;

	if (!read_number(reader, node, TUNE_CPU_ALL_SWITCHES, &switches, error))
		return FALSE;
	reader->cpu->unused = (guint)switches;
	return TRUE;
}

static gboolean read_switch(Reader *reader, const yaml_node_t *node, gboolean *ret_is_on,
			    GError **error)
{
	static const char *const choices[] = { "no", "yes" };
	guint choice = 0;

	if (!read_choice(reader, node, choices, G_N_ELEMENTS(choices), &choice, error))
		return FALSE;
	*ret_is_on = choice == 1;
	return TRUE;
}

static gboolean read_tsc_scaling(Reader *reader, const yaml_node_t *node, GError **error)
{
	gboolean can_scale;

	if (!read_switch(reader, node, &can_scale, error))
		return FALSE;
	tune_cpu_set_tsc_scaling(reader->cpu, can_scale);
	return TRUE;
}

static gboolean read_parameters(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint length;

	if (!tune_yaml_get_length(reader->yaml, node, &length, error))
		return FALSE;
	GPtrArray *parameters = tune_yaml_get_words(reader->yaml, node, error);
	if (!parameters)
		return FALSE;
	tune_cpu_take_parameters(reader->cpu, parameters);
	return TRUE;
}

static gboolean read_machines(Reader *reader, const yaml_node_t *node, GError **error)
{
	guint length;

	if (!tune_yaml_get_length(reader->yaml, node, &length, error))
		return FALSE;
	g_autoptr(GPtrArray) machines = tune_yaml_get_words(reader->yaml, node, error);
	if (!machines)
		return FALSE;
	g_ptr_array_add(machines, NULL);
	tune_cpu_set_machines(reader->cpu, (const char *const *)machines->pdata);
	return TRUE;
}

/* Whether @name has the form of a CPUID register or of an MSR, as a newer table may have it. */
static gboolean is_word_name(const char *name)
{
	return g_regex_match_simple(
		"^(0x[0-9a-f]{1,8}\\.[0-9]{1,2}\\.e[abcd]x|msr\\.0x[0-9a-f]{1,8})$", name, 0, 0);
}

static guint find_word_by_name(const char *name)
{
	guint word = 0;

	while (word < TUNE_CPU_N_WORDS && strcmp(tune_cpu_word_name(word), name) != 0)
		word++;
	return word;
}

/* A word that only a newer table has is checked, and left out. */
static gboolean read_word(Reader *reader, const yaml_node_t *key, const yaml_node_t *value,
			  GError **error)
{
	const char *name = tune_yaml_get_scalar(reader->yaml, key, error);
	guint64 number;

	if (!name)
		return FALSE;
	guint word = find_word_by_name(name);
	if (word == TUNE_CPU_N_WORDS && !is_word_name(name))
		return tune_yaml_fail(reader->yaml, key, error, "'%s' is not the name of a word",
				      name);
	gboolean is_msr = g_str_has_prefix(name, "msr.");
	if (!read_number(reader, value, is_msr ? G_MAXUINT64 : G_MAXUINT32, &number, error))
		return FALSE;
	if (word < TUNE_CPU_N_WORDS) {
		reader->cpu->words[word] = number;
		reader->cpu->known |= G_GUINT64_CONSTANT(1) << word;
	}
	return TRUE;
}

static gboolean read_words(Reader *reader, const yaml_node_t *node, GError **error)
{
	const yaml_node_t *key, *value;
	TuneYamlIter iter;

	if (!tune_yaml_iter_init(&iter, reader->yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!read_word(reader, key, value, error))
			return FALSE;
	return TRUE;
}

static gboolean read_component(Reader *reader, const yaml_node_t *key, const yaml_node_t *value,
			       GError **error)
{
	guint64 number, n[3];

	if (!read_number(reader, key, TUNE_CPU_MAX_COMPONENT - 1, &number, error) ||
	    !read_three(reader, value, n, error))
		return FALSE;
	tune_cpu_set_component(reader->cpu, (guint)number,
			       (TuneCpuComponent){ (guint32)n[0], (guint32)n[1], (guint32)n[2] });
	return TRUE;
}

static gboolean read_components(Reader *reader, const yaml_node_t *node, GError **error)
{
	const yaml_node_t *key, *value;
	TuneYamlIter iter;

	if (!tune_yaml_iter_init(&iter, reader->yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!read_component(reader, key, value, error))
			return FALSE;
	return TRUE;
}

static gboolean read_complete(Reader *reader, const yaml_node_t *node, GError **error)
{
	return read_switch(reader, node, &reader->is_complete, error);
}

static gboolean read_text(Reader *reader, const char *key, const yaml_node_t *node,
			  gboolean *is_found, GError **error)
{
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++) {
		if (strcmp(tune_cpu_text_names[i], key) != 0)
			continue;
		const char *text = tune_yaml_get_scalar(reader->yaml, node, error);
		if (text)
			tune_cpu_set_text(reader->cpu, i, text);
		*is_found = TRUE;
		return text != NULL;
	}
	return TRUE;
}

/* clang-format off */
static const struct {
	const char *key;
	gboolean (*read)(Reader *reader, const yaml_node_t *node, GError **error);
} keys[] = {
	{ "format",      read_format },
	{ "source",      read_source },
	{ "vendor",      read_vendor },
	{ "time",        read_time },
	{ "model",       read_model },
	{ "phys-bits",   read_phys_bits },
	{ "tsc-khz",     read_tsc },
	{ "tsc-scaling", read_tsc_scaling },
	{ "unused",      read_unused },
	{ "parameters",  read_parameters },
	{ "machines",    read_machines },
	{ "words",       read_words },
	{ "xsave",       read_components },
	{ "complete",    read_complete },
};
/* clang-format on */

static gboolean read_key(Reader *reader, const yaml_node_t *key, const yaml_node_t *value,
			 GError **error)
{
	const char *name = tune_yaml_get_scalar(reader->yaml, key, error);
	gboolean is_found = FALSE;

	if (!name)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(keys[i].key, name) == 0)
			return keys[i].read(reader, value, error);
	if (!read_text(reader, name, value, &is_found, error))
		return FALSE;
	return is_found || tune_yaml_fail(reader->yaml, key, error, "unknown key '%s'", name);
}

/* The format has to be the first key, since other formats may give other keys another meaning. */
static gboolean read_record(Reader *reader, const yaml_node_t *top, GError **error)
{
	const yaml_node_t *key, *value;
	TuneYamlIter iter;

	if (!tune_yaml_iter_init(&iter, reader->yaml, top, error))
		return FALSE;
	for (gboolean is_first = TRUE; tune_yaml_iter_next(&iter, &key, &value); is_first = FALSE) {
		const char *name = tune_yaml_get_scalar(reader->yaml, key, error);
		if (!name)
			return FALSE;
		if (is_first && strcmp(name, "format") != 0)
			return tune_yaml_fail(reader->yaml, key, error, "'format' is missing");
		if (!read_key(reader, key, value, error))
			return FALSE;
	}
	return reader->is_complete ||
	       tune_yaml_fail(reader->yaml, top, error, "the record is cut short");
}

/* Our own notation can be longer than the text that came; a record beyond the limit could not be read again. */
static gboolean check_written(const TuneCpu *cpu, const char *file, GError **error)
{
	g_autofree char *text = tune_cpu_to_yaml(cpu);
	gsize length = strlen(text);

	return length <= TUNE_CPU_RECORD_MAX ||
	       tune_fail(error, TUNE_ERROR_INVALID,
			 "%s: a record has at most %d KiB, this one would be stored with %zu bytes",
			 file, TUNE_CPU_RECORD_MAX / 1024, length);
}

TuneCpu *tune_cpu_parse_record(const char *text, gsize length, const char *file, GError **error)
{
	if (length > TUNE_CPU_RECORD_MAX)
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "%s: a record has at most %d KiB, this one has %zu", file,
				      TUNE_CPU_RECORD_MAX / 1024, length / 1024);
	g_autoptr(TuneYaml) yaml = tune_yaml_new(text, length, file, MOST_NODES, error);
	if (!yaml)
		return NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_RAW);
	Reader reader = { yaml, cpu, FALSE };
	const yaml_node_t *top = tune_yaml_get_top(yaml);
	if (!top)
		return tune_fail_null(error, TUNE_ERROR_SYNTAX, "%s:1:1: the record is empty",
				      file);
	if (!read_record(&reader, top, error) || !check_written(cpu, file, error))
		return NULL;
	return g_steal_pointer(&cpu);
}

TuneCpu *tune_cpu_load_record(TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *text = tune_root_read_at_most(root, path, TUNE_CPU_RECORD_MAX, error);

	return text ? tune_cpu_parse_record(text, strlen(text), path, error) : NULL;
}
