/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tests/unit/check.h"

/* The hook that all tests here use. */
#define HOOK "node-add-post"
#define DIRECTORY HOOKSDIR "/" HOOK ".d"
#define PROGRAM HOOKSEXECDIR "/" HOOK
#define BUILT PROGRAM " ! true\n"
#define LINKED(name) DIRECTORY "/" name " -> " PROGRAM "\n"

/* "STATE LINK" for each row of HOOK, with commas between. */
static char *look(TuneRoot *root)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hooks = tune_hooks_list(root, &error);
	GString *text = g_string_new(NULL);

	CHECK_NO_ERROR(error);
	for (guint i = 0; i < hooks->len; i++) {
		const TuneHook *hook = hooks->pdata[i];
		if (strcmp(hook->name, HOOK) != 0)
			continue;
		g_autofree char *entry = g_path_get_basename(hook->link);
		g_string_append_printf(text, "%s%s %s", text->len ? ", " : "",
				       tune_hook_state_name(hook->state), entry);
		CU_ASSERT_EQUAL(!hook->note, hook->state == TUNE_HOOK_ENABLED ||
						     hook->state == TUNE_HOOK_DISABLED);
	}
	return g_string_free(text, FALSE);
}

/** @enabled, @disabled: what comes of doing it; "" where it is refused and nothing is changed */
static const struct {
	const char *name;
	const char *host;
	const char *is;
	const char *enabled;
	const char *disabled;
} rows[] = {
	{ "not there", BUILT, "absent 50-tune", "enabled 50-tune", "disabled 50-tune.disabled" },
	{ "enabled", BUILT LINKED("50-tune"), "enabled 50-tune", "enabled 50-tune",
	  "disabled 50-tune.disabled" },
	{ "disabled", BUILT LINKED("50-tune.disabled"), "disabled 50-tune.disabled",
	  "enabled 50-tune", "disabled 50-tune.disabled" },
	{ "enabled and disabled: an interrupted switch",
	  BUILT LINKED("50-tune") LINKED("50-tune.disabled"),
	  "enabled 50-tune, disabled 50-tune.disabled", "enabled 50-tune",
	  "disabled 50-tune.disabled" },
	/* Files that Ganeti skips in silence. */
	{ "program is missing", LINKED("50-tune"), "broken 50-tune", "",
	  "disabled 50-tune.disabled" },
	{ "program is not executable", PROGRAM " = not executable\n" LINKED("50-tune"),
	  "broken 50-tune", "", "disabled 50-tune.disabled" },
	{ "program is a directory", PROGRAM "/ /\n" LINKED("50-tune"), "broken 50-tune", "",
	  "disabled 50-tune.disabled" },
	{ "a dot in the name", BUILT LINKED("50.tune"), "broken 50.tune",
	  "enabled 50-tune, broken 50.tune", "disabled 50-tune.disabled, broken 50.tune" },
	{ "another number", BUILT LINKED("60-mine"), "enabled 60-mine",
	  "enabled 50-tune, enabled 60-mine", "disabled 50-tune.disabled, enabled 60-mine" },
	/* Ganeti would run it, and it would fail each time, since it is made for another operation. */
	{ "link to another hook of ours",
	  BUILT DIRECTORY "/50-tune -> " HOOKSEXECDIR "/node-remove-post\n", "broken 50-tune",
	  "enabled 50-tune", "disabled 50-tune.disabled" },
	/* Files that are not ours. */
	{ "link to a program of others", BUILT DIRECTORY "/50-tune -> /bin/true\n",
	  "foreign 50-tune", "", "" },
	{ "program of others", BUILT DIRECTORY "/50-tune ! true\n", "foreign 50-tune", "", "" },
	{ "directory of others", BUILT DIRECTORY "/50-tune/ /\n", "foreign 50-tune", "", "" },
	{ "file of others, disabled", BUILT DIRECTORY "/50-tune.disabled = notes\n",
	  "absent 50-tune", "", "" },
	{ "file of others beside the link",
	  BUILT LINKED("50-tune") DIRECTORY "/50-tune.disabled = notes\n", "enabled 50-tune", "",
	  "" },
	{ "another file of others", BUILT DIRECTORY "/60-theirs ! true\n", "absent 50-tune",
	  "enabled 50-tune", "disabled 50-tune.disabled" },
};

static void check_switch(const char *host,
			 gboolean act(TuneRoot *root, const char *name, GError **error),
			 const char *was, const char *wanted)
{
	g_autoptr(TuneRoot) root = check_host(host);
	g_autoptr(GError) error = NULL;

	CU_ASSERT_EQUAL(act(root, HOOK, &error), *wanted != '\0');
	CU_ASSERT_EQUAL(error == NULL, *wanted != '\0');
	g_autofree char *is = look(root);
	CHECK_TEXT(is, *wanted ? wanted : was);
}

static void test_switches(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autofree char *is = look(root);
		CHECK_TEXT(is, rows[i].is);
		check_switch(rows[i].host, tune_hook_enable, rows[i].is, rows[i].enabled);
		check_switch(rows[i].host, tune_hook_disable, rows[i].is, rows[i].disabled);
	}
}

/* Ganeti was built for another directory of hooks than we were. */
static void test_elsewhere(void)
{
	g_autoptr(TuneRoot)
		root = check_host(BUILT "usr/share/ganeti/default/ganeti/_constants.py = "
					"A = 1\\nSYSCONFDIR = \"/opt/etc\"\\nB = 2\n"
					"opt/etc/ganeti/hooks/" HOOK ".d/50-tune -> " PROGRAM "\n");
	g_autofree char *is = look(root);

	CHECK_TEXT(is, "enabled 50-tune");
}

static void test_unknown(void)
{
	static const char *const names[] = { "", "node-add", "../node-add-post", "node-add-pre" };
	const char *const none[] = { NULL };
	g_autoptr(TuneRoot) root = check_host(BUILT);
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		check_row(names[i]);
		CU_ASSERT_FALSE(tune_hook_enable(root, names[i], &error));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
		CU_ASSERT_FALSE(tune_hook_disable(root, names[i], &error));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
		CU_ASSERT_PTR_NULL(tune_hook_make_environment(root, names[i], none, &error));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
		CU_ASSERT_FALSE(tune_hook_exec(root, names[i], none, FALSE, &error));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

#define SSCONF                                                                                     \
	"var/lib/ganeti/ssconf_cluster_name = cluster.example.com\n"                               \
	"var/lib/ganeti/ssconf_master_node = node1.example.com\n"
#define ALWAYS                                                                                     \
	"GANETI_CLUSTER=cluster.example.com GANETI_DATA_DIR=/var/lib/ganeti "                      \
	"GANETI_HOOKS_PATH=node-add GANETI_HOOKS_PHASE=post GANETI_HOOKS_VERSION=2 "               \
	"GANETI_MASTER=node1.example.com GANETI_NODE_NAME=node2 GANETI_OBJECT_TYPE=NODE "          \
	"GANETI_OP_CODE=OP_NODE_ADD GANETI_OP_TARGET="
#define PATH " PATH=/sbin:/bin:/usr/sbin:/usr/bin"

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The order is of no importance: Ganeti has none either. */
static char *join(char **environment)
{
	qsort(environment, g_strv_length(environment), sizeof(*environment), compare_texts);
	return g_strjoinv(" ", environment);
}

static void test_environment(void)
{
	static const struct {
		const char *host;
		const char *assignments;
		const char *wanted;
	} cases[] = {
		{ SSCONF, "NODE_NAME=node2", ALWAYS "node2" PATH },
		{ SSCONF, "GANETI_NODE_NAME=node2", ALWAYS "node2" PATH },
		{ SSCONF, "NODE_NAME=node1;NODE_NAME=node2;OP_TARGET=x=y", ALWAYS "x=y" PATH },
		{ SSCONF, "NODE_NAME=node2;X=", ALWAYS "node2 GANETI_X=" PATH },
		{ "a = 1\n", "CLUSTER=cluster.example.com;MASTER=node1.example.com;NODE_NAME=node2",
		  ALWAYS "node2" PATH },
		{ SSCONF, "", "node-add-post needs NODE_NAME= as well" },
		{ "a = 1\n", "X=1", "node-add-post needs MASTER= NODE_NAME= as well" },
		{ SSCONF, "NODE_NAME", "'NODE_NAME' is not KEY=VALUE" },
		{ SSCONF, "NODE_NAME=a;=b", "'=b' is not KEY=VALUE" },
		{ SSCONF, "NODE_NAME=a;GANETI_=b", "'GANETI_=b' is not KEY=VALUE" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].assignments);
		g_autoptr(TuneRoot) root = check_host(cases[i].host);
		g_auto(GStrv) assignments = g_strsplit(cases[i].assignments, ";", -1);
		g_autoptr(GError) error = NULL;
		g_auto(GStrv) environment = tune_hook_make_environment(
			root, HOOK, (const char *const *)assignments, &error);
		g_autofree char *text = environment ? join(environment) : g_strdup(error->message);
		CHECK_TEXT(text, cases[i].wanted);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "look and switch", test_switches },
		{ "Ganeti looks elsewhere", test_elsewhere },
		{ "hooks that do not exist", test_unknown },
		{ "environment", test_environment },
		{ NULL, NULL },
	};

	return check_main("hooks", checks);
}
