/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firecracker's JSON for the CPU that its guests see, from `cpu-template-helper template dump` or in a fingerprint:
 *
 *	{ "cpuid_modifiers": [ { "leaf": "0x7", "subleaf": "0x0", "flags": 1,
 *				 "modifiers": [ { "register": "ebx", "bitmap": "0b0010" } ] } ],
 *	  "msr_modifiers": [ { "addr": "0x10a", "bitmap": "0b1" } ] }
 *
 * A template with open bits ("x") changes a CPU, and is not the dump of one.
 */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/json.h>
#include <libtune/cpu/dump.h>

typedef struct {
	TuneDump *dump;
	TuneDumpCpu *cpu;
	const char *list; /* the key of the list that is being read */
	guint entry;
	GError **error;
} Reader;

/* Always FALSE. */
static gboolean fail_at_entry(const Reader *reader, const char *what)
{
	return tune_fail(reader->error, TUNE_ERROR_INVALID, "%s:1:1: %s[%u]: %s",
			 reader->dump->file, reader->list, reader->entry, what);
}

/* "0x7", "0b0111" or "7", with "_" between digits. */
static gboolean parse_number(const char *text, guint64 largest, guint64 *ret_number)
{
	g_autofree char *digits = g_strdup(text ? text : "");
	char *to = digits;

	for (const char *from = digits; *from; from++)
		if (*from != '_')
			*to++ = *from;
	*to = '\0';
	gboolean is_hex = g_str_has_prefix(digits, "0x"),
		 is_binary = g_str_has_prefix(digits, "0b");
	return g_ascii_string_to_unsigned(digits + (is_hex || is_binary ? 2 : 0),
					  is_hex      ? 16
					  : is_binary ? 2
						      : 10,
					  0, largest, ret_number, NULL);
}

static gboolean get_number(const Reader *reader, const json_t *object, const char *key,
			   guint64 largest, guint64 *ret_number)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (parse_number(text, largest, ret_number))
		return TRUE;
	if (text && strchr(text, 'x') && g_str_has_prefix(text, "0b"))
		return fail_at_entry(
			reader,
			"has open bits ('x'): this is a template that changes a CPU, not the dump of one");
	return fail_at_entry(reader,
			     "expected leaf, subleaf and modifiers, or addr and bitmap, as text");
}

static gboolean read_register(const Reader *reader, const json_t *modifier, TuneCpuLeaf *leaf)
{
	static const char *const names[] = { "eax", "ebx", "ecx", "edx" };
	const char *name = json_string_value(json_object_get(modifier, "register"));
	guint64 value;

	if (!get_number(reader, modifier, "bitmap", G_MAXUINT32, &value))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_strcmp0(name, names[i]) == 0) {
			leaf->registers[i] = (guint32)value;
			return TRUE;
		}
	return fail_at_entry(reader, "expected a register from eax to edx");
}

static gboolean read_leaf(const Reader *reader, const json_t *object)
{
	const json_t *modifiers = json_object_get(object, "modifiers");
	guint64 number, sub;
	TuneCpuLeaf leaf = { 0 };

	if (!get_number(reader, object, "leaf", G_MAXUINT32, &number) ||
	    !get_number(reader, object, "subleaf", G_MAXUINT32, &sub))
		return FALSE;
	leaf.leaf = (guint32)number;
	leaf.sub = (guint32)sub;
	for (size_t i = 0; i < json_array_size(modifiers); i++)
		if (!read_register(reader, json_array_get(modifiers, i), &leaf))
			return FALSE;
	return tune_dump_add_leaf(reader->cpu, &leaf) || fail_at_entry(reader, "duplicate leaf");
}

static gboolean read_msr(const Reader *reader, const json_t *object)
{
	guint64 index, value;

	if (!get_number(reader, object, "addr", G_MAXUINT32, &index) ||
	    !get_number(reader, object, "bitmap", G_MAXUINT64, &value))
		return FALSE;
	tune_dump_add_msr(reader->cpu, (guint32)index, value);
	return TRUE;
}

static gboolean read_list(Reader *reader, const json_t *config, const char *key,
			  gboolean (*read)(const Reader *reader, const json_t *object))
{
	const json_t *list = json_object_get(config, key);
	guint n = (guint)json_array_size(list);

	reader->list = key;
	for (reader->entry = 0; reader->entry < n; reader->entry++)
		if (!read(reader, json_array_get(list, reader->entry)))
			return FALSE;
	return TRUE;
}

gboolean tune_dump_read_firecracker(TuneDump *dump, const char *text, GError **error)
{
	json_auto_t *json = tune_json_parse(text, strlen(text), dump->file, error);

	if (!json)
		return FALSE;
	Reader reader = { dump, tune_dump_add_cpu(dump, 0), NULL, 0, error };
	const json_t *config = json_object_get(json, "guest_cpu_config");
	return read_list(&reader, config ? config : json, "cpuid_modifiers", read_leaf) &&
	       read_list(&reader, config ? config : json, "msr_modifiers", read_msr);
}
