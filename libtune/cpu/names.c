/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the QEMU of a node knows the names in a cpu_type, by its record; and which options a site has chosen itself. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/compare.h>

/* The property of "+name", "-name", "name" and "name=value"; QEMU takes "_" for "-". */
static char *get_property(const char *option)
{
	option += *option == '+' || *option == '-';
	return g_strdelimit(g_strndup(option, strcspn(option, "=")), "_", '-');
}

static gboolean check_name(const TuneCpu *cpu, TuneCpuText which, const char *name, GError **error)
{
	if (tune_cpu_text_has(cpu, which, name))
		return TRUE;
	return tune_fail(error, TUNE_ERROR_REFUSED, "QEMU %s of %s knows no %s '%s'",
			 cpu->texts[TUNE_CPU_QEMU] ? cpu->texts[TUNE_CPU_QEMU]
						   : "(version unknown)",
			 tune_cpu_name_node(cpu),
			 which == TUNE_CPU_MODELS ? "CPU model" : "CPU feature", name);
}

/* "+name", "name" and "name=on" are. */
static gboolean is_switched_on(const char *option)
{
	const char *value = strchr(option, '=');

	return *option != '-' && (!value || strcmp(value, "=on") == 0 ||
				  strcmp(value, "=true") == 0 || strcmp(value, "=yes") == 0);
}

/* QEMU also starts without a feature that KVM does not give: with a site's "+pcid", nodes would give different CPUs. */
static gboolean check_given(const TuneCpu *cpu, const char *property, GError **error)
{
	const TuneCpuBit *row = tune_cpu_bit_find_name(property);

	if (!row || (row->class != TUNE_CPU_LOST && row->class != TUNE_CPU_SECURITY) ||
	    (row->flags & TUNE_BIT_INVERTED) || tune_cpu_has_feature(cpu, property))
		return TRUE;
	return tune_fail(error, TUNE_ERROR_REFUSED, "%s cannot give '%s'", tune_cpu_name_node(cpu),
			 property);
}

gboolean tune_cpu_type_check_names(const char *type, const TuneCpu *cpu, GError **error)
{
	g_auto(GStrv) words = g_strsplit(type, ",", -1);

	if (!cpu->texts[TUNE_CPU_PROPERTIES] || !cpu->texts[TUNE_CPU_MODELS])
		return tune_fail(
			error, TUNE_ERROR_INVALID,
			"the record of %s does not tell which names its QEMU knows, so '%s' cannot be checked: gnt-tune cpu publish",
			tune_cpu_name_node(cpu), type);
	if (*words && !check_name(cpu, TUNE_CPU_MODELS, *words, error))
		return FALSE;
	for (char **word = words; *words && *++word;) {
		g_autofree char *property = get_property(*word);
		if (!check_name(cpu, TUNE_CPU_PROPERTIES, property, error) ||
		    (is_switched_on(*word) && !check_given(cpu, property, error)))
			return FALSE;
	}
	return TRUE;
}

/* Options that no baseline sets, and that only the site can decide. */
static gboolean is_chosen_by_site(const char *option)
{
	static const char *const names[] = { "hv-", "kvm=", "kvm-", "migratable=", "pmu=" };
	g_autofree char *plain = g_strdelimit(g_strdup(option), "_", '-');

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(plain, names[i]))
			return TRUE;
	return *option == '+';
}

static gboolean has_property(char **words, const char *property)
{
	for (; *words; words++) {
		g_autofree char *have = get_property(*words);
		if (strcmp(have, property) == 0)
			return TRUE;
	}
	return FALSE;
}

char *tune_cpu_type_keep(const char *type, const char *have)
{
	g_auto(GStrv) words = g_strsplit(type, ",", -1);
	g_auto(GStrv) chosen = g_strsplit(have ? have : "", ",", -1);
	GString *kept = g_string_new(type);

	for (char **option = chosen; *chosen && *++option;) {
		g_autofree char *property = get_property(*option);
		if (is_chosen_by_site(*option) && !has_property(words + 1, property))
			g_string_append_printf(kept, ",%s", *option);
	}
	return g_string_free(kept, FALSE);
}
