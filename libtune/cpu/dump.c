/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUID words as text, the way machines show them. */
#include <stdlib.h>
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/cpu/profile.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

typedef struct {
	const char *file;
	guint line;
	const char *start; /* of the line */
	const char *at;
	GArray *leaves;
	TuneCpu *cpu;
	GError **error;
} Reader;

static gboolean fail_at(Reader *reader, const char *what)
{
	return tune_fail(reader->error, TUNE_ERROR_INVALID, "%s:%u:%u: %s", reader->file,
			 reader->line, (guint)(reader->at - reader->start) + 1, what);
}

static void skip_blanks(Reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r')
		reader->at++;
}

static gboolean is_end(Reader *reader)
{
	skip_blanks(reader);
	return *reader->at == '\0' || *reader->at == '#';
}

static gboolean expect(Reader *reader, const char *text)
{
	skip_blanks(reader);
	if (!g_str_has_prefix(reader->at, text))
		return FALSE;
	reader->at += strlen(text);
	return TRUE;
}

static gboolean read_number(Reader *reader, guint64 largest, guint64 *ret_number)
{
	skip_blanks(reader);
	const char *digits = reader->at + (g_str_has_prefix(reader->at, "0x") ? 2 : 0);
	if (!g_ascii_isxdigit(*digits))
		return fail_at(reader, "expected a hexadecimal number");
	char *end;
	guint64 number = g_ascii_strtoull(digits, &end, 16);
	if (end - digits > 16 || number > largest)
		return fail_at(reader, "the number is too large");
	if (*end && !strchr(" \t\r:#", *end))
		return fail_at(reader, "expected a hexadecimal number");
	reader->at = end;
	*ret_number = number;
	return TRUE;
}

static gboolean read_word(Reader *reader, guint32 *ret_word)
{
	guint64 number;

	if (!read_number(reader, G_MAXUINT32, &number))
		return FALSE;
	*ret_word = (guint32)number;
	return TRUE;
}

static gboolean read_msr(Reader *reader)
{
	guint32 index;
	guint64 value;

	if (!read_word(reader, &index) || !read_number(reader, G_MAXUINT64, &value))
		return FALSE;
	if (!is_end(reader))
		return fail_at(reader, "more than a number and a value");
	tune_cpu_set_msr(reader->cpu, index, value);
	return TRUE;
}

static gboolean is_known(Reader *reader, const TuneCpuLeaf *leaf)
{
	for (guint i = 0; i < reader->leaves->len; i++) {
		const TuneCpuLeaf *other = &g_array_index(reader->leaves, TuneCpuLeaf, i);
		if (other->leaf == leaf->leaf && other->sub == leaf->sub)
			return TRUE;
	}
	return FALSE;
}

/* "LEAF SUB EAX EBX ECX EDX", or `cpuid -r`'s "LEAF SUB: eax=EAX ebx=EBX ecx=ECX edx=EDX". */
static gboolean read_leaf(Reader *reader)
{
	static const char *const names[] = { "eax=", "ebx=", "ecx=", "edx=" };
	TuneCpuLeaf leaf;
	const char *start = reader->at;

	if (!read_word(reader, &leaf.leaf) || !read_word(reader, &leaf.sub))
		return FALSE;
	gboolean is_named = expect(reader, ":");
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (is_named && !expect(reader, names[i]))
			return fail_at(reader, "expected a register, as in 'eax=0x1'");
		if (!read_word(reader, &leaf.registers[i]))
			return FALSE;
	}
	if (!is_end(reader))
		return fail_at(reader, "more than four registers");
	if (is_known(reader, &leaf)) {
		reader->at = start;
		return fail_at(reader, "this leaf was there before");
	}
	g_array_append_val(reader->leaves, leaf);
	return TRUE;
}

/* TRUE in @is_other at the second CPU of a `cpuid -r`: all have the same, or nobody could use them. */
static gboolean read_line(Reader *reader, gboolean *is_other)
{
	reader->at = reader->start;
	if (is_end(reader))
		return TRUE;
	if (expect(reader, "CPU")) {
		*is_other = reader->leaves->len > 0;
		return TRUE;
	}
	return expect(reader, "msr ") ? read_msr(reader) : read_leaf(reader);
}

static gboolean read_lines(Reader *reader, char **lines)
{
	gboolean is_other = FALSE;

	for (guint i = 0; lines[i] && !is_other; i++) {
		reader->line = i + 1;
		reader->start = lines[i];
		if (!read_line(reader, &is_other))
			return FALSE;
	}
	reader->at = reader->start;
	const TuneCpuLeaf first = { 0 };
	return is_known(reader, &first) || fail_at(reader, "leaf 0 is missing: not a CPU's words");
}

TuneCpu *tune_cpu_parse_dump(const char *text, const char *file, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GArray) leaves = g_array_new(FALSE, FALSE, sizeof(TuneCpuLeaf));
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_RAW);
	Reader reader = {
		.file = file,
		.line = 1,
		.start = text,
		.leaves = leaves,
		.cpu = cpu,
		.error = error,
	};

	if (!read_lines(&reader, lines))
		return NULL;
	tune_cpu_take_leaves(cpu, (const TuneCpuLeaf *)(void *)leaves->data, leaves->len, FALSE);
	if (cpu->source == TUNE_CPU_RAW)
		tune_cpu_apply_profile(cpu);
	return g_steal_pointer(&cpu);
}

TuneCpu *tune_cpu_load_dump(TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *text = tune_root_read(root, path, error);

	return text ? tune_cpu_parse_dump(text, path, error) : NULL;
}
