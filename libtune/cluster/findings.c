/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cluster/findings.h>

static void free_finding(gpointer data)
{
	TuneFinding *finding = data;

	g_free(finding->node);
	g_free(finding->object);
	g_free(finding->what);
	g_free(finding->fix);
	g_free(finding);
}

GPtrArray *tune_findings_new(void)
{
	return g_ptr_array_new_with_free_func(free_finding);
}

void tune_audit_report(Audit *audit, const char *node, const char *object, const char *fix,
		       const char *format, ...)
{
	TuneFinding *finding = g_new(TuneFinding, 1);
	va_list args;

	va_start(args, format);
	*finding = (TuneFinding){ g_strdup(node), g_strdup(object), g_strdup_vprintf(format, args),
				  g_strdup(fix) };
	va_end(args);
	g_ptr_array_add(audit->findings, finding);
}

gboolean tune_audit_find_node(const Audit *audit, const char *name, guint *ret_index)
{
	for (guint i = 0; i < audit->nodes->len; i++) {
		if (strcmp(((const TuneNode *)audit->nodes->pdata[i])->name, name) != 0)
			continue;
		*ret_index = i;
		return TRUE;
	}
	return FALSE;
}

static const TuneRunningGuest *find_running(const GPtrArray *guests, const char *instance)
{
	for (guint i = 0; i < guests->len; i++)
		if (strcmp(((const TuneRunningGuest *)guests->pdata[i])->instance, instance) == 0)
			return guests->pdata[i];
	return NULL;
}

const TuneRunningGuest *tune_audit_find_guest(const Audit *audit, const TuneInstance *instance)
{
	guint i;

	if (!tune_audit_find_node(audit, instance->primary, &i))
		return NULL;
	return find_running(((const TuneNodeReport *)audit->reports->pdata[i])->guests,
			    instance->name);
}
