/* SPDX-License-Identifier: BSD-2-Clause */
/* export: the settings of this node as configuration of the programs that set them at boot. */
#include <string.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

#define SYS "sys/"
#define SYSCTL "proc/sys/"
#define BLOCK "sys/block/"

/**
 * @name: its name here; @file: the file that it is for; @then: the command that loads the file without a boot, or NULL
 * @takes: whether @step can be expressed in it
 * @begin: the text before the settings of an object; NULL where objects have no text of their own; free it
 * @format: the text of one setting; free it
 * @end: the text after the settings of an object, or NULL
 */
typedef struct {
	const char *name;
	const char *file;
	const char *then;
	gboolean (*takes)(const TuneStep *step);
	char *(*begin)(TuneRoot *root, const char *object);
	char *(*format)(const TuneStep *step);
	const char *end;
} Format;

/* Doubles each character of @special: so it stands for itself where it would mean something else. */
static char *double_each(const char *text, const char *special)
{
	GString *doubled = g_string_new(NULL);

	for (; *text; text++) {
		if (strchr(special, *text))
			g_string_append_c(doubled, *text);
		g_string_append_c(doubled, *text);
	}
	return g_string_free(doubled, FALSE);
}

/* ---- sysctl.d ---- */

static gboolean is_sysctl(const TuneStep *step)
{
	return g_str_has_prefix(step->path, SYSCTL);
}

/* Where a name has a dot in it (net/ipv4/conf/eth0.100), slashes have to separate. */
static char *format_sysctl(const TuneStep *step)
{
	g_autofree char *name = g_strdup(step->path + strlen(SYSCTL));

	return g_strdup_printf("%s = %s\n", strchr(name, '.') ? name : g_strdelimit(name, "/", '.'),
			       step->want);
}

/* ---- tmpfiles.d and sysfs.conf ---- */

/* Not what belongs to a device, which may appear later, or under another name. */
static gboolean is_fixed_path(const TuneStep *step)
{
	return !step->object && g_str_has_prefix(step->path, SYS);
}

/* A per cent sign begins a specifier, a backslash an escape, and a blank the next field. */
static char *format_tmpfiles(const TuneStep *step)
{
	g_autofree char *path = double_each(step->path, "%\\");
	g_autofree char *want = double_each(step->want, "%\\");
	const char *quote = strchr(path, ' ') ? "\"" : "";

	return g_strdup_printf("w %s/%s%s - - - - %s\n", quote, path, quote, want);
}

static gboolean is_sysfs(const TuneStep *step)
{
	return g_str_has_prefix(step->path, SYS);
}

static char *format_sysfs(const TuneStep *step)
{
	return g_strdup_printf("%s = %s\n", step->path + strlen(SYS), step->want);
}

/* ---- udev ---- */

static gboolean is_of_disk(const TuneStep *step)
{
	return step->object && g_str_has_prefix(step->path, BLOCK);
}

static char *begin_udev(TuneRoot *root, const char *disk)
{
	g_autofree char *match = tune_udev_match(root, disk);

	return g_strdup_printf(
		"ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", %s", match);
}

/* "$" and "%" begin a substitution of udev. */
static char *format_udev(const TuneStep *step)
{
	g_autofree char *doubled = double_each(step->want, "$%");
	g_auto(GStrv) parts = g_strsplit(doubled, "\"", -1);
	g_autofree char *want = g_strjoinv("\\\"", parts);

	return g_strdup_printf(", \\\n  ATTR{%s}=\"%s\"",
			       step->path + strlen(BLOCK) + strlen(step->object) + 1, want);
}

/* ---- interfaces(5) ---- */

static gboolean is_of_link(const TuneStep *step)
{
	return g_str_has_prefix(step->name, "link.") || g_str_has_prefix(step->name, "ethtool.");
}

/* A second stanza of an interface adds to the first. */
static char *begin_interfaces(TuneRoot *root G_GNUC_UNUSED, const char *link)
{
	return g_strdup_printf("iface %s inet manual\n", link);
}

/* Debian's ethtool reads "offload-NAME" and "hardware-dma-ring-NAME", but not a NAME with "_". */
static char *format_interfaces(const TuneStep *step)
{
	static const struct {
		const char *start;
		const char *option;
	} lines[] = {
		{ "link.mtu", "mtu" },
		{ "link.tx_queue_len", "up ip link set dev $IFACE txqueuelen" },
		{ "ethtool.ring/", "hardware-dma-ring-" },
		{ "ethtool.feature/", "offload-" },
	};

	if (strchr(step->name, '_') && g_str_has_prefix(step->name, "ethtool.feature/"))
		return g_strdup_printf("\tup ethtool -K $IFACE %s %s\n",
				       strchr(step->name, '/') + 1, step->want);
	for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
		if (g_str_has_prefix(step->name, lines[i].start))
			return g_strconcat("\t", lines[i].option,
					   step->name + strlen(lines[i].start), " ", step->want,
					   "\n", NULL);
	return g_strdup("");
}

/* clang-format off */
static const Format formats[] = {
	{ "sysctl",     "/etc/sysctl.d/60-ganeti-tune.conf", "sysctl --system",
	  is_sysctl, NULL, format_sysctl, NULL },
	{ "udev",       "/etc/udev/rules.d/61-ganeti-tune.rules",
	  "udevadm control --reload && udevadm trigger --subsystem-match=block --action=change",
	  is_of_disk, begin_udev, format_udev, "\n" },
	{ "tmpfiles",   "/etc/tmpfiles.d/ganeti-tune.conf", "systemd-tmpfiles --create",
	  is_fixed_path, NULL, format_tmpfiles, NULL },
	{ "interfaces", "/etc/network/interfaces.d/ganeti-tune", NULL,
	  is_of_link, begin_interfaces, format_interfaces, NULL },
	{ "sysfs",      "/etc/sysfs.d/ganeti-tune.conf", "service sysfsutils restart",
	  is_sysfs, NULL, format_sysfs, NULL },
};
/* clang-format on */

/* ---- printing ---- */

/* Steps that the plan has added ("run = 2", to unmerge KSM) must not run at boot. */
static gboolean is_in_policy(const TunePolicy *policy, const TuneStep *step)
{
	return step->want && step->origin &&
	       (g_str_has_prefix(step->origin, tune_policy_get_file(policy)) ||
		g_str_has_prefix(step->origin, TUNE_POLICY_BUILTIN));
}

/* A setting that this host cannot have, or that must not be touched, becomes a comment. */
static gboolean is_for_boot(const TuneStep *step)
{
	return step->verdict == TUNE_VERDICT_SAME || step->verdict == TUNE_VERDICT_WOULD_CHANGE ||
	       step->verdict == TUNE_VERDICT_NOT_PERMITTED;
}

static void print_comment(const TuneStep *step)
{
	if (is_for_boot(step))
		g_print("# %s (%s)\n", step->param->summary, step->origin);
	else
		g_print("# left out, %s: %s%s%s %s (%s)%s%s\n", tune_verdict_name(step->verdict),
			step->name, step->object ? " of " : "", step->object ? step->object : "",
			step->want, step->origin, step->note ? ": " : "",
			step->note ? step->note : "");
}

static void print_setting(const Format *format, const TuneStep *step)
{
	g_autofree char *text = is_for_boot(step) ? format->format(step) : NULL;

	if (text)
		g_print("%s", text);
}

/* Comments first: a rule of udev has several lines, and none of them may be a comment. */
static void print_object(const Format *format, TuneRoot *root, const GPtrArray *steps, guint first)
{
	const TuneStep *start = steps->pdata[first];
	gboolean has_any = FALSE;

	g_print("\n");
	for (guint i = first; i < steps->len; i++) {
		const TuneStep *step = steps->pdata[i];
		if (g_strcmp0(step->object, start->object) != 0)
			continue;
		print_comment(step);
		has_any = has_any || is_for_boot(step);
	}
	if (!has_any)
		return;
	g_autofree char *text = format->begin(root, start->object);
	g_print("%s", text);
	for (guint i = first; i < steps->len; i++) {
		const TuneStep *step = steps->pdata[i];
		if (g_strcmp0(step->object, start->object) == 0)
			print_setting(format, step);
	}
	g_print("%s", format->end ? format->end : "");
}

static gboolean is_first_of_object(const GPtrArray *steps, guint index)
{
	const TuneStep *step = steps->pdata[index];

	for (guint i = 0; i < index; i++)
		if (g_strcmp0(((const TuneStep *)steps->pdata[i])->object, step->object) == 0)
			return FALSE;
	return TRUE;
}

static void print_all(const Format *format, TuneRoot *root, const GPtrArray *steps)
{
	for (guint i = 0; i < steps->len; i++) {
		if (!format->begin) {
			print_comment(steps->pdata[i]);
			print_setting(format, steps->pdata[i]);
		} else if (is_first_of_object(steps, i)) {
			print_object(format, root, steps, i);
		}
	}
}

static void print_header(const Format *format, const TunePolicy *policy, const char *node)
{
	g_print("# %s: policy %s on %s, by gnt-tune export %s.\n", format->file,
		tune_policy_get_file(policy), node, format->name);
	if (format->then)
		g_print("# In force after a boot, or: %s\n", format->then);
}

static int export_settings(const Format *format, const Options *options, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	g_autoptr(GPtrArray) steps = g_ptr_array_new();

	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	g_autofree char *node = plan ? tune_ganeti_node_name(root, error) : NULL;
	if (!node)
		return EXIT_FAILED;
	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (is_in_policy(policy, step) && format->takes(step))
			g_ptr_array_add(steps, (gpointer)step);
	}
	print_header(format, policy, node);
	print_all(format, root, steps);
	g_printerr("%u of %u settings can be expressed in this format\n", steps->len,
		   tune_plan_get_length(plan));
	return EXIT_AS_WANTED;
}

char *export_describe(void)
{
	GString *text = g_string_new("Formats, and where they belong:\n");

	for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
		g_string_append_printf(text, "  %-10s %s\n", formats[i].name, formats[i].file);
	return g_string_free(text, FALSE);
}

char *export_format_names(void)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
		g_string_append_printf(text, " %s", formats[i].name);
	return g_string_free(text, FALSE);
}

int run_export(const Options *options, char **arguments, GError **error)
{
	for (guint i = 0; arguments[0] && !arguments[1] && i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, arguments[0]) == 0)
			return export_settings(&formats[i], options, error);
	g_autofree char *names = export_format_names();
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "export takes one of%s", names);
	return EXIT_FAILED;
}
