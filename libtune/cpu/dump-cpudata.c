/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libvirt's XML for the words of a CPU, as its tests have them:
 *
 *	<cpudata arch='x86'>
 *	  <cpuid eax_in='0x1' ecx_in='0x0' eax='0x50657' ebx='0x0' ecx='0x0' edx='0x0'/>
 *	  <msr index='0x10a' eax='0xb' edx='0x0'/>
 *	</cpudata>
 */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/dump.h>

typedef struct {
	TuneDump *dump;
	gboolean is_inside; /* of the element <cpudata> */
} Reader;

/* FALSE for an attribute that is not a number; a missing one is 0 where @is_optional, and FALSE otherwise. */
static gboolean get_number(const char **names, const char **values, const char *name,
			   gboolean is_optional, guint32 *ret_number)
{
	guint64 number = 0;

	for (guint i = 0; names[i]; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		const char *digits = values[i] + (g_str_has_prefix(values[i], "0x") ? 2 : 0);
		if (!g_ascii_string_to_unsigned(digits, 16, 0, G_MAXUINT32, &number, NULL))
			return FALSE;
		is_optional = TRUE;
	}
	*ret_number = (guint32)number;
	return is_optional;
}

static const char *add_leaf(TuneDumpCpu *cpu, const char **names, const char **values)
{
	TuneCpuLeaf leaf;

	if (!get_number(names, values, "eax_in", FALSE, &leaf.leaf) ||
	    !get_number(names, values, "ecx_in", TRUE, &leaf.sub) ||
	    !get_number(names, values, "eax", FALSE, &leaf.registers[TUNE_REG_EAX]) ||
	    !get_number(names, values, "ebx", FALSE, &leaf.registers[TUNE_REG_EBX]) ||
	    !get_number(names, values, "ecx", FALSE, &leaf.registers[TUNE_REG_ECX]) ||
	    !get_number(names, values, "edx", FALSE, &leaf.registers[TUNE_REG_EDX]))
		return "expected eax_in, eax, ebx, ecx and edx, in hexadecimal";
	return tune_dump_add_leaf(cpu, &leaf) ? NULL : "duplicate leaf";
}

static const char *add_msr(TuneDumpCpu *cpu, const char **names, const char **values)
{
	guint32 index, low, high;

	if (!get_number(names, values, "index", FALSE, &index) ||
	    !get_number(names, values, "eax", FALSE, &low) ||
	    !get_number(names, values, "edx", FALSE, &high))
		return "expected index, eax and edx, in hexadecimal";
	tune_dump_add_msr(cpu, index, (guint64)high << 32 | low);
	return NULL;
}

static void start_element(GMarkupParseContext *context, const char *element, const char **names,
			  const char **values, gpointer data, GError **error)
{
	Reader *reader = data;
	const char *wrong = NULL;
	gint line, column;

	if (!reader->is_inside) {
		reader->is_inside = strcmp(element, "cpudata") == 0;
		wrong = reader->is_inside ? NULL : "expected <cpudata>";
	} else if (strcmp(element, "cpuid") == 0)
		wrong = add_leaf(reader->dump->cpus->pdata[0], names, values);
	else if (strcmp(element, "msr") == 0)
		wrong = add_msr(reader->dump->cpus->pdata[0], names, values);
	if (!wrong)
		return;
	g_markup_parse_context_get_position(context, &line, &column);
	tune_fail(error, TUNE_ERROR_INVALID, "%s:%d:%d: <%s>: %s", reader->dump->file, line, column,
		  element, wrong);
}

/* GMarkup's own errors begin with their position, which we put in front as numbers. */
static const char *skip_position(const char *message)
{
	const char *end = g_str_has_prefix(message, "Error on line ") ? strstr(message, ": ")
								      : NULL;

	return end ? end + 2 : message;
}

gboolean tune_dump_read_cpudata(TuneDump *dump, const char *text, GError **error)
{
	static const GMarkupParser parser = { .start_element = start_element };
	Reader reader = { .dump = dump };
	g_autoptr(GMarkupParseContext)
		context = g_markup_parse_context_new(&parser, 0, &reader, NULL);
	g_autoptr(GError) local = NULL;
	gint line, column;

	tune_dump_add_cpu(dump, 0);
	if (g_markup_parse_context_parse(context, text, -1, &local) &&
	    g_markup_parse_context_end_parse(context, &local))
		return TRUE;
	if (local->domain == TUNE_ERROR) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_markup_parse_context_get_position(context, &line, &column);
	g_autofree char *message = tune_error_clean(skip_position(local->message));
	return tune_fail(error, TUNE_ERROR_INVALID, "%s:%d:%d: %s", dump->file, line, column,
			 message);
}
