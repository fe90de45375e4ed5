/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of comparisons: reasons, verdicts, and their names. */
#include <string.h>

#include <libtune/cpu/compare.h>

/* clang-format off */
static const char *const class_names[] = {
	[TUNE_CPU_LOST] =     "lost",
	[TUNE_CPU_SECURITY] = "security",
	[TUNE_CPU_LAYOUT] =   "layout",
	[TUNE_CPU_ADDR] =     "addr",
	[TUNE_CPU_VENDOR] =   "vendor",
	[TUNE_CPU_NESTED] =   "nested",
	[TUNE_CPU_HINT] =     "hint",
	[TUNE_CPU_PMU] =      "pmu",
	[TUNE_CPU_COUNTERS] = "counters",
	[TUNE_CPU_MODEL] =    "model",
	[TUNE_CPU_BUG] =      "bug",
	[TUNE_CPU_UNKNOWN] =  "unknown",
	[TUNE_CPU_IGNORED] =  "ignored",
};
/* clang-format on */

const char *tune_cpu_class_name(TuneCpuClass class)
{
	return class_names[class];
}

gboolean tune_cpu_class_from_name(const char *name, TuneCpuClass *ret_class)
{
	for (guint class = 0; class < TUNE_CPU_IGNORED; class ++)
		if (strcmp(class_names[class], name) == 0) {
			*ret_class = class;
			return TRUE;
		}
	return FALSE;
}

guint tune_cpu_waiver_from_name(const char *name)
{
	TuneCpuClass class;

	if (!tune_cpu_class_from_name(name, &class) ||
	    (class != TUNE_CPU_SECURITY && class != TUNE_CPU_NESTED && class != TUNE_CPU_PMU))
		return 0;
	return 1u << class;
}

gboolean tune_cpu_class_refuses(TuneCpuClass class)
{
	return (TUNE_CPU_REFUSING >> class & 1) != 0;
}

const char *tune_cpu_verdict_name(TuneCpuVerdict verdict)
{
	/* Unknown data is shown as a warning; the gate decides whether it refuses. */
	static const char *const names[] = { "ok", "warn", "warn", "refuse" };

	return names[verdict];
}

/* ---- reasons ---- */

static gboolean is_listed(const GPtrArray *reasons, TuneCpuClass class, const char *name)
{
	for (guint i = 0; i < reasons->len; i++) {
		const TuneCpuReason *other = reasons->pdata[i];
		if (other->kind == class && strcmp(other->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static TuneCpuVerdict get_verdict(TuneCpuClass class, gboolean is_waived)
{
	if (class == TUNE_CPU_UNKNOWN)
		return TUNE_CPU_VERDICT_UNKNOWN;
	return tune_cpu_class_refuses(class) && !is_waived ? TUNE_CPU_REFUSE : TUNE_CPU_WARN;
}

G_GNUC_PRINTF(4, 0)
static void add_reason(TuneCpuFindings *findings, TuneCpuClass class, const char *way_out,
		       const char *format, va_list args)
{
	gboolean is_waived = tune_cpu_class_refuses(class) && (findings->waivers >> class & 1);

	findings->verdict = MAX(findings->verdict, get_verdict(class, is_waived));
	if (!findings->reasons)
		return;
	g_autofree char *name = g_strdup_vprintf(format, args);
	/* Several words, or two bits, can have the same name. */
	if (is_listed(findings->reasons, class, name))
		return;
	TuneCpuReason *reason = g_new(TuneCpuReason, 1);
	*reason = (TuneCpuReason){ class, g_steal_pointer(&name), is_waived, way_out };
	g_ptr_array_add(findings->reasons, reason);
}

void tune_findings_add(TuneCpuFindings *findings, TuneCpuClass class, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_reason(findings, class, NULL, format, args);
	va_end(args);
}

void tune_findings_add_with(TuneCpuFindings *findings, TuneCpuClass class, const char *way_out,
			    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_reason(findings, class, way_out, format, args);
	va_end(args);
}

static void reason_free(gpointer data)
{
	TuneCpuReason *reason = data;

	g_free(reason->name);
	g_free(reason);
}

/* ---- reports ---- */

TuneCpuReport *tune_cpu_report_new(guint waivers)
{
	TuneCpuReport *report = g_new0(TuneCpuReport, 1);

	report->findings.waivers = waivers;
	report->findings.reasons = g_ptr_array_new_with_free_func(reason_free);
	return report;
}

void tune_cpu_report_free(TuneCpuReport *report)
{
	if (!report)
		return;
	g_ptr_array_unref(report->findings.reasons);
	g_ptr_array_unref(report->gained);
	g_free(report);
}

TuneCpuVerdict tune_cpu_report_get_verdict(const TuneCpuReport *report)
{
	return report->findings.verdict;
}

guint tune_cpu_report_get_length(const TuneCpuReport *report)
{
	return report->findings.reasons->len;
}

const TuneCpuReason *tune_cpu_report_get_reason(const TuneCpuReport *report, guint index)
{
	return report->findings.reasons->pdata[index];
}

char *tune_cpu_report_format(const TuneCpuReport *report)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < report->findings.reasons->len; i++) {
		const TuneCpuReason *reason = report->findings.reasons->pdata[i];
		if (get_verdict(reason->kind, reason->is_waived) == report->findings.verdict)
			g_string_append_printf(text, "%s%s:%s", text->len ? ", " : "",
					       class_names[reason->kind], reason->name);
	}
	return g_string_free(text, FALSE);
}

const char *const *tune_cpu_report_get_gained(const TuneCpuReport *report)
{
	return (const char *const *)report->gained->pdata;
}
