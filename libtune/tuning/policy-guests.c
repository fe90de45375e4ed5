/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of a policy on the OS definition: the files that it may install, and how it opens a guest's disk. */
#include <string.h>

#include <libtune/tuning/policy-read.h>

#define SHORTEST_DEADLINE_S 60
#define LONGEST_DEADLINE_S (24 * 60 * 60)

/* By TuneAccelerator. */
static const char *const accelerators[] = { "auto", "kvm", "tcg" };

/* Canonical, as paths are compared with those in parameters; not "/", which would permit any file of the node. */
static gboolean is_directory_path(const char *path)
{
	g_autofree char *canonical = g_canonicalize_filename(path, "/");

	return strcmp(path, canonical) == 0 && path[0] == '/' && path[1] != '/' && path[1];
}

static gboolean parse_images(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			     GError **error)
{
	g_autoptr(GPtrArray) paths = tune_yaml_get_words(yaml, node, error);

	if (!paths)
		return FALSE;
	for (guint i = 0; i < paths->len; i++)
		if (!is_directory_path(paths->pdata[i]))
			return tune_yaml_fail(
				yaml, node, error,
				"images: '%s' is not the absolute path of a directory, without '.', '..' and a slash at its end",
				(const char *)paths->pdata[i]);
	g_ptr_array_set_size(policy->guests.images, 0);
	g_ptr_array_extend_and_steal(policy->guests.images, g_steal_pointer(&paths));
	return TRUE;
}

static gboolean parse_deadline(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			       GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, node, error);
	guint64 seconds;

	if (!word)
		return FALSE;
	if (!g_ascii_string_to_unsigned(word, 10, SHORTEST_DEADLINE_S, LONGEST_DEADLINE_S, &seconds,
					NULL))
		return tune_yaml_fail(yaml, node, error, "deadline: '%s' is not in %d..%d", word,
				      SHORTEST_DEADLINE_S, LONGEST_DEADLINE_S);
	policy->guests.deadline_s = (guint)seconds;
	return TRUE;
}

static gboolean parse_accelerator(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				  GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, node, error);

	if (!word)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(accelerators); i++)
		if (strcmp(word, accelerators[i]) == 0) {
			policy->guests.accelerator = (TuneAccelerator)i;
			return TRUE;
		}
	return tune_yaml_fail(yaml, node, error, "accelerator: '%s' is none of auto, kvm, tcg",
			      word);
}

gboolean tune_policy_parse_guests(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				  GError **error)
{
	static const TunePolicyKey keys[] = {
		{ "images", parse_images, NULL },
		{ "deadline", parse_deadline, NULL },
		{ "accelerator", parse_accelerator, NULL },
		{ NULL, NULL, NULL },
	};
	const TunePolicyMapping mapping = { keys, NULL, NULL };

	return tune_policy_parse_mapping(yaml, node, &mapping, policy, error);
}
