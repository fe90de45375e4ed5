/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cluster/survey.h>

#include "tests/unit/check.h"

/* ---- scripts ---- */

static void test_script(void)
{
	g_autoptr(GString) script = g_string_new(NULL);

	tune_script_add(script, "one", "gnt-tune a");
	tune_script_add(script, "node2.example.com", "gnt-tune b --x");
	CHECK_TEXT(script->str, "command -v gnt-tune >/dev/null || exit 127; "
				"gnt-tune a 2>&1; echo '== one '$?; "
				"gnt-tune b --x 2>&1; echo '== node2.example.com '$?; ");
}

static void take(gpointer user, const char *name, char *text, int status)
{
	g_string_append_printf(user, "[%s %d: %s]", name, status, text);
}

static void test_split(void)
{
	static const struct {
		const char *name;
		const char *answer;
		const char *wanted;
	} rows[] = {
		{ "nothing", "", "" },
		{ "three parts", "a\nb\n== one 0\n== two 4\nc\n== three 127\n",
		  "[one 0: a\nb\n][two 4: ][three 127: c\n]" },
		{ "cut off within a part", "a\n== one 0\nb\n", "[one 0: a\n]" },
		{ "cut off within a mark", "a\n== one", "" },
		{ "what looks like a mark and is none", "== a b c\n ==\n==\n== one 1\n",
		  "[one 1: == a b c\n ==\n==\n]" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GString) text = g_string_new(NULL);
		tune_script_split(rows[i].answer, take, text);
		CHECK_TEXT(text->str, rows[i].wanted);
	}
}

static void test_explain(void)
{
	static const struct {
		const char *text;
		int status;
		const char *wanted;
	} rows[] = {
		{ "", 1, "no reason given" },
		{ "first\nlast\n", 1, "last" },
		{ "row\ngnt-tune: why\nsee --help\n", 1, "why" },
		{ "gnt-tune: no command 'x'\n", 2,
		  "no command 'x': it has another version of ganeti-tune" },
		{ "gr\xc3\xbcn\033[2J\n", 1, "gr??n?[2J" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autofree char *text = tune_script_explain(rows[i].text, rows[i].status);
		CHECK_TEXT(text, rows[i].wanted);
	}
}

/* ---- reports of nodes ---- */

#define CLUSTER "var/lib/ganeti/ssconf_cluster_name = cluster.example.com\n"
#define SSH(lines) "usr/bin/ssh ! printf '" lines "'\n"

static const TuneNode plain = { .name = (char *)"node2.example.com", .is_vm_capable = FALSE };
static const TuneNode capable = { .name = (char *)"node2.example.com", .is_vm_capable = TRUE };

static char *join(const GPtrArray *texts)
{
	GString *joined = g_string_new(NULL);

	for (guint i = 0; i < texts->len; i++)
		g_string_append_printf(joined, "%s%s", i ? "; " : "",
				       (const char *)texts->pdata[i]);
	return g_string_free(joined, FALSE);
}

static char *describe(const TuneNodeReport *report)
{
	g_autofree char *drifts = join(report->drifts);
	g_autofree char *hooks = join(report->hooks);
	g_autofree char *faults = join(report->faults);

	return g_strdup_printf("%s|%u: %s|%s%s%s|%s|%u guests|%u: %s|%s",
			       report->reason ? report->reason : "", report->n_settings, drifts,
			       report->cpu ? "cpu" : "", report->machine ? "machine " : "",
			       report->machine ? report->machine : "",
			       report->digest ? report->digest : "", report->guests->len,
			       report->n_hooks, hooks, faults);
}

static void check_report(const char *ssh, const TuneNode *node, guint timeout_ms,
			 const char *wanted)
{
	g_autofree char *text = g_strconcat(CLUSTER, ssh, NULL);
	g_autoptr(TuneRoot) root = check_host(text);
	g_autoptr(GPtrArray) nodes = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(nodes, (gpointer)node);
	g_autoptr(GPtrArray) reports = tune_cluster_survey(root, nodes, timeout_ms, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(reports->len, 1);
	g_autofree char *found = describe(reports->pdata[0]);
	CHECK_HOLDS(found, wanted);
}

static void test_silent_node(void)
{
	check_report("usr/bin/ssh ! exec sleep 60\n", &plain, 1000, "no answer within 1 s");
}

static void test_reports(void)
{
	static const struct {
		const char *name;
		const char *ssh;
		const TuneNode *node;
		const char *wanted;
	} rows[] = {
		{ "drift, and a hook that is absent",
		  SSH("vm.a\\t-\\t1\\t1\\tsame\\nvm.b\\t-\\t1\\t2\\twould-change\\nvm.c\\t-\\t-"
		      "\\t1\\tabsent\\n"
		      "note\\nscheduler\\tsda\\t-\\tnone\\tunknown\\n"
		      "vm.d\\t-\\t1\\t1\\tcontested\\n== settings 4\\n"
		      "a-pre\\tenabled\\t-\\nb-pre\\tdisabled\\t-\\nc-pre\\tabsent\\twhy\\n== "
		      "hooks 4\\n"
		      "0123\\n== records 0\\n== lvm 0\\n"),
		  &plain,
		  "|5: vm.b have 1 want 2; scheduler of sda unknown; vm.d contested||0123|0 guests|1: c-pre is "
		  "absent: why|" },
		{ "two guests, and a record that is none",
		  SSH("== settings 0\\n== hooks 0\\n== records 0\\n"
		      "inst1\\thost\\tno\\t-\\t-\\t-\\t-\\ninst2\\t-\\tno\\t-\\t-\\t-\\twhy\\n== guests 0\\nformat: "
		      "x\\n== cpu 0\\n== lvm 0\\n"),
		  &capable, "|0: |||2 guests|0: |its CPU: its answer:1:9: " },
		{ "a machine that is not x86",
		  SSH("== settings 0\\n== hooks 0\\n== records 0\\n== guests 0\\n"
		      "machine aarch64\\n== cpu 0\\n== lvm 0\\n"),
		  &capable, "|0: |machine aarch64||0 guests|0: |" },
		{ "gnt-tune fails, and the answer is cut off",
		  SSH("gnt-tune: bad policy\\n== settings 1\\n== hooks 0\\n"), &plain,
		  "|0: |||0 guests|0: |its settings: bad policy; the records it holds: no answer; "
		  "its LVM: no answer" },
		{ "ssh fails", "usr/bin/ssh ! echo no route >&2; exit 255\n", &plain,
		  "cannot be reached by ssh, see gnt-cluster verify: no route|0: |||0 guests|0: "
		  "|" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		check_report(rows[i].ssh, rows[i].node, 1000 * CHECK_LATE_S, rows[i].wanted);
	}
}

static void test_no_cluster(void)
{
	g_autoptr(TuneRoot) root = check_host("a = 1\n");
	g_autoptr(GPtrArray) nodes = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(tune_cluster_survey(root, nodes, 1000, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

int main(void)
{
	static const Check checks[] = {
		{ "scripts", test_script },
		{ "answers of a script", test_split },
		{ "complaints", test_explain },
		{ "what nodes say", test_reports },
		{ "no answer", test_silent_node },
		{ "no cluster", test_no_cluster },
		{ NULL, NULL },
	};

	return check_main("survey", checks);
}
