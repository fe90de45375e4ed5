/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values of a plan somebody else sets, too: at the next boot, or again and again. */
#include <string.h>

#include <libtune/origins/conf.h>
#include <libtune/tuning/plan.h>

/**
 * @text: of all files that may set values, to tell quickly that none of them has a name
 * @is_last: our own unit comes after all of them, but for ksmtuned
 * @is_tuned: TuneD is started, whose profiles name values by words of its own
 */
typedef struct {
	TuneRoot *root;
	GString *text;
	gboolean is_last;
	gboolean is_tuned;
} Rivals;

static void append_file(gpointer data, TuneConf *conf)
{
	Rivals *rivals = data;

	g_string_append(rivals->text, conf->text);
	g_string_append_c(rivals->text, '\n');
}

static gboolean read_files(Rivals *rivals, GError **error)
{
	static const char *const directories[][2] = { { "sysctl.d", ".conf" },
						      { "udev/rules.d", ".rules" },
						      { "tmpfiles.d", ".conf" },
						      { "modprobe.d", ".conf" } };
	static const char *const files[] = { "etc/sysctl.conf", "etc/sysfs.conf", "proc/cmdline" };
	g_autoptr(GPtrArray)
		paths = tune_conf_list_one(rivals->root, "etc/sysfs.d", ".conf", error);

	for (guint i = 0; paths && i < G_N_ELEMENTS(files); i++)
		g_ptr_array_add(paths, g_strdup(files[i]));
	for (guint i = 0; paths && i < G_N_ELEMENTS(directories); i++) {
		g_autoptr(GPtrArray) more = tune_conf_list(rivals->root, directories[i][0],
							   directories[i][1], error);
		if (!more)
			return FALSE;
		g_ptr_array_extend_and_steal(paths, g_steal_pointer(&more));
	}
	return paths && tune_conf_each(rivals->root, paths, append_file, rivals, error);
}

static gboolean find_starts(Rivals *rivals, GError **error)
{
	g_autofree char *own = NULL, *tuned = NULL;

	if (!tune_conf_find_start(rivals->root, "ganeti-tune.service", &own, error) ||
	    !tune_conf_find_start(rivals->root, "tuned.service", &tuned, error))
		return FALSE;
	rivals->is_last = own != NULL;
	rivals->is_tuned = tuned != NULL;
	return TRUE;
}

static gboolean is_mentioned(const Rivals *rivals, const char *path)
{
	return strstr(rivals->text->str, strrchr(path, '/') + 1) != NULL;
}

/* FALSE: nobody can set it; TRUE: a closer look has to tell */
static gboolean may_be_set(const Rivals *rivals, const TuneStep *step)
{
	gboolean is_of_ksm = step->param->section == &tune_section_ksm;

	if (rivals->is_last || is_of_ksm || !strchr(step->path, '/'))
		return is_of_ksm;
	if (rivals->is_tuned || is_mentioned(rivals, step->path))
		return TRUE;
	if (step->param->pair) {
		g_autofree char *pair = tune_section_format_path(step->param->section,
								 step->param->pair, NULL);
		if (is_mentioned(rivals, pair))
			return TRUE;
	}
	/* The kernel's command line names a value by its directory: transparent_hugepage=never. */
	g_autofree char *directory = g_path_get_dirname(step->path);
	return !step->object && is_mentioned(rivals, directory);
}

/* Whether a host that shows @value has what @step wants. */
static gboolean is_wanted(const TuneStep *step, const char *value)
{
	const TuneCodec *codec = step->param->codec;
	g_autofree char *have = codec->current(value);
	g_autofree char *should = codec->resolve(value, step->want);

	return should && codec->equal(have, should);
}

static char *describe(const TuneOrigin *origin)
{
	if (!origin->value)
		return g_strdup_printf("%s sets it at run time, as %s says", origin->who,
				       origin->place);
	return g_strdup_printf("%s sets it to %s at boot: %s", origin->who, origin->value,
			       origin->place);
}

static gboolean mark_step(const Rivals *rivals, Step *step, GError **error)
{
	g_autoptr(GPtrArray) origins = tune_origins_find(rivals->root, &step->public, error);

	if (!origins)
		return FALSE;
	for (guint i = 0; i < origins->len; i++) {
		const TuneOrigin *origin = origins->pdata[i];
		gboolean is_rival = origin->wins &&
				    (!origin->value || !is_wanted(&step->public, origin->value));
		if (is_rival)
			tune_step_settle(step, TUNE_VERDICT_CONTESTED, describe(origin));
	}
	return TRUE;
}

gboolean tune_plan_mark_contested(TunePlan *plan, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	Rivals rivals = { .root = plan->root, .text = text };

	if (!plan->steps->len)
		return TRUE;
	if (!find_starts(&rivals, error) || (!rivals.is_last && !read_files(&rivals, error)))
		return FALSE;
	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		gboolean is_open = step->public.verdict == TUNE_VERDICT_SAME ||
				   step->public.verdict == TUNE_VERDICT_WOULD_CHANGE;
		if (is_open && step->public.want && may_be_set(&rivals, &step->public) &&
		    !mark_step(&rivals, step, error))
			return FALSE;
	}
	return TRUE;
}
