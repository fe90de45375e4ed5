/* SPDX-License-Identifier: BSD-2-Clause */
/* The section guests of a policy, for the OS definition. */
#include <string.h>

#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"

static char *print_guests(const TuneGuestPolicy *guests)
{
	static const char *const accelerators[] = { "auto", "kvm", "tcg" };
	g_autofree char *images = g_strjoinv(",", (char **)guests->images->pdata);

	return g_strdup_printf("%s %u %s", *images ? images : "-", guests->deadline_s,
			       accelerators[guests->accelerator]);
}

static void test_guests(void)
{
	static const struct {
		const char *text;
		const char *guests; /* images, deadline, accelerator */
	} rows[] = {
		{ "", "/srv/ganeti/images 1800 auto" },
		{ "guests: {}\n", "/srv/ganeti/images 1800 auto" },
		{ "guests: { images: [] }\n", "- 1800 auto" },
		{ "guests: { images: /a }\n", "/a 1800 auto" },
		{ "guests: { images: [/a/b, '/c d'] }\n", "/a/b,/c d 1800 auto" },
		{ "guests: { deadline: 60 }\n", "/srv/ganeti/images 60 auto" },
		{ "guests: { deadline: 86400, accelerator: auto }\n",
		  "/srv/ganeti/images 86400 auto" },
		{ "guests: { accelerator: kvm }\n", "/srv/ganeti/images 1800 kvm" },
		{ "guests: { accelerator: tcg }\n", "/srv/ganeti/images 1800 tcg" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(TunePolicy)
			policy = tune_policy_parse(rows[i].text, strlen(rows[i].text), "P", &error);
		CHECK_NO_ERROR(error);
		g_autofree char *guests = print_guests(tune_policy_get_guests(policy));
		CHECK_TEXT(guests, rows[i].guests);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "guests", test_guests },
		{ NULL, NULL },
	};

	return check_main("policy-guests", checks);
}
