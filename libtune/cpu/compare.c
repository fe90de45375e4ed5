/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>

/* No further reason matters: no text of it is wanted, and the verdict is the worst one. */
static gboolean is_decided(const TuneCpuFindings *findings)
{
	return !findings->reasons && findings->verdict == TUNE_CPU_REFUSE;
}

/* ---- bits ---- */

/* FALSE when unknown; TRUE for an empty mask. */
static gboolean lacks(const TuneCpu *cpu, TuneCpuMask mask)
{
	return !mask.mask || (tune_cpu_knows(cpu, mask.word) && !tune_cpu_has(cpu, mask));
}

static gboolean is_copy(const TuneCpu *guest, const TuneCpu *target, const TuneCpuBit *row)
{
	guint n_copies;
	const TuneCpuCopy *copies = tune_cpu_copies(&n_copies);

	for (guint i = 0; i < n_copies; i++)
		if (copies[i].copy.word == row->word && copies[i].copy.mask == BIT(row->bit) &&
		    (copies[i].vendors >> guest->maker & 1) &&
		    (tune_cpu_has_all(guest, copies[i].originals) ||
		     tune_cpu_has_all(target, copies[i].originals)))
			return TRUE;
	return FALSE;
}

static gboolean is_tolerated(const TuneCpu *guest, const TuneCpu *target, const TuneCpuBit *row)
{
	guint n_rules;
	const TuneCpuTolerance *rules = tune_cpu_tolerances(&n_rules);

	for (guint i = 0; i < n_rules; i++)
		if (rules[i].lost == row && tune_cpu_has_all(target, rules[i].target_has) &&
		    lacks(target, rules[i].target_lacks) && lacks(guest, rules[i].guest_lacks))
			return TRUE;
	return is_copy(guest, target, row);
}

/* ---- the same silicon ---- */

static gboolean is_same_model(const TuneCpu *guest, const TuneCpu *target)
{
	return (guest->fields & target->fields & TUNE_CPU_HAS_SIGNATURE) &&
	       strcmp(guest->vendor, target->vendor) == 0 && guest->family == target->family &&
	       guest->model == target->model && guest->stepping == target->stepping;
}

static guint64 get_microcode(const TuneCpu *cpu)
{
	const char *text = cpu->texts[TUNE_CPU_MICROCODE];

	return text ? g_ascii_strtoull(text, NULL, 16) : 0;
}

/*
 * An older kernel does not report an immunity to a bug that it does not know.  The CPU is immune all the same, provided
 * that it is the same model, with the same or newer microcode.
 */
static TuneCpuClass classify_immunity(const TuneCpu *guest, const TuneCpu *target,
				      const TuneCpuBit *row, guint waivers)
{
	guint64 have = get_microcode(guest), want = get_microcode(target);

	/* AMD's CPUs do not have this MSR: QEMU's version and machine type decide whether it passes on KVM's. */
	if (row->word == TUNE_CPU_MSR_10A && target->source == TUNE_CPU_RAW &&
	    guest->maker == TUNE_VENDOR_AMD && target->maker == TUNE_VENDOR_AMD)
		return TUNE_CPU_UNKNOWN;
	if (!tune_cpu_follows_node(guest) ||
	    tune_cpu_type_sets_model(guest->texts[TUNE_CPU_TYPE]) || !is_same_model(guest, target))
		return row->class;
	/* A waiver for the loss also covers the case that the microcode is unknown. */
	if (!have || !want)
		return waivers >> row->class & 1 ? row->class : TUNE_CPU_UNKNOWN;
	return want >= have ? TUNE_CPU_HINT : row->class;
}

/* The guest does not notice the loss before it tries to switch the feature on. */
static gboolean is_unused(const TuneCpu *guest, const TuneCpuBit *row)
{
	if (row->class == TUNE_CPU_NESTED)
		return (guest->unused & TUNE_CPU_NESTING) != 0;
	return (guest->unused & TUNE_CPU_LA57) && strcmp(row->name, "la57") == 0;
}

static void add_lost_bit(const TuneCpu *guest, const TuneCpu *target, TuneCpuWord word, guint bit,
			 TuneCpuFindings *findings)
{
	const TuneCpuBit *row = tune_cpu_bit_find(word, bit);

	if (!row)
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "%s bit %u", tune_cpu_word_name(word),
				  bit);
	else if ((row->flags & TUNE_BIT_KVM_DEPENDENT) && target->source == TUNE_CPU_RAW)
		tune_findings_add(findings,
				  TUNE_CPU_REFUSING >> row->class & 1 ? TUNE_CPU_UNKNOWN
								      : row->class,
				  "%s", row->name);
	else if (is_tolerated(guest, target, row))
		return;
	else if (is_unused(guest, row))
		tune_findings_add(findings, TUNE_CPU_HINT, "%s (not in use)", row->name);
	else
		tune_findings_add(findings,
				  row->flags & TUNE_BIT_SILICON
					  ? classify_immunity(guest, target, row, findings->waivers)
					  : row->class,
				  "%s", row->name);
}

/* Bits that the guest has and the target lacks, without those whose loss does not matter. */
static inline guint64 get_lost(const TuneCpuMasks *masks, const TuneCpu *guest,
			       const TuneCpu *target, guint word)
{
	guint64 counts = masks->lost[word];

	if (guest->source == TUNE_CPU_GUEST)
		counts |= masks->lost_running[word] | masks->unnamed[word];
	return guest->words[word] & ~target->words[word] & counts;
}

/* Weaknesses that can be new: none in a word that the guest is not shown. */
static inline guint64 get_gainable(const TuneCpuMasks *masks, const TuneCpu *guest, guint word)
{
	TuneCpuMask gate = masks->gates[word];

	return gate.mask && lacks(guest, gate) ? 0 : masks->gained[word];
}

static inline guint64 get_gained(const TuneCpuMasks *masks, const TuneCpu *guest,
				 const TuneCpu *target, guint word)
{
	guint64 gained = target->words[word] & ~guest->words[word] & masks->gained[word];

	return gained & get_gainable(masks, guest, word);
}

/* Whether @word, which one side does not know, could have refused: by a loss, a new weakness or another layout. */
static gboolean could_refuse(const TuneCpuMasks *masks, const TuneCpu *guest, guint word)
{
	if (!(masks->refused_words >> word & 1))
		return FALSE;
	return !tune_cpu_knows(guest, word) || get_gainable(masks, guest, word) ||
	       (guest->words[word] & masks->refused[word]) != 0 ||
	       (tune_cpu_word_info(word)->kind == TUNE_WORD_EQUAL && guest->words[word]);
}

/* The loss of vmx or svm is one reason; their capabilities in other words are no further ones. */
static gboolean is_lost_with_gate(const TuneCpu *guest, const TuneCpu *target, guint word)
{
	TuneCpuMask gate = tune_cpu_masks()->gates[word];

	return gate.mask && tune_cpu_has(guest, gate) && lacks(target, gate) &&
	       tune_cpu_bit_find(gate.word, (guint)__builtin_ctzll(gate.mask))->class ==
		       TUNE_CPU_NESTED;
}

static void compare_bits(const TuneCpu *guest, const TuneCpu *target, guint word,
			 TuneCpuFindings *findings)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	if (is_lost_with_gate(guest, target, word))
		return;
	if (!tune_cpu_knows(guest, word) || !tune_cpu_knows(target, word)) {
		/* Bare CPUs do not tell the features that KVM adds itself; it adds the same to all. */
		gboolean is_added = word == TUNE_CPU_40000001_EAX &&
				    guest->source == TUNE_CPU_RAW && target->source == TUNE_CPU_RAW;
		if (!is_added && could_refuse(masks, guest, word))
			tune_findings_add(findings, TUNE_CPU_UNKNOWN, "%s",
					  tune_cpu_word_info(word)->label);
		return;
	}
	for (guint64 lost = get_lost(masks, guest, target, word); lost && !is_decided(findings);
	     lost &= lost - 1)
		add_lost_bit(guest, target, word, (guint)__builtin_ctzll(lost), findings);
	for (guint64 gained = get_gained(masks, guest, target, word); gained;
	     gained &= gained - 1) {
		const TuneCpuBit *row = tune_cpu_bit_find(word, (guint)__builtin_ctzll(gained));
		tune_findings_add(findings, row->class, "%s", row->name);
	}
}

/* Most pairs of CPUs are alike, so only words that differ are compared bit by bit. */
static void compare_words(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	guint64 known = guest->known & target->known;

	for (guint word = 0; word < TUNE_CPU_N_WORDS && !is_decided(findings); word++)
		if (!(known >> word & 1) || get_lost(masks, guest, target, word) ||
		    get_gained(masks, guest, target, word))
			compare_bits(guest, target, word, findings);
}

/* ---- layouts ---- */

static void compare_palette(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	for (guint word = TUNE_CPU_1D_0_EAX; word <= TUNE_CPU_1E_0_EBX; word++)
		if (guest->words[word] != target->words[word] && guest->words[word] &&
		    tune_cpu_knows(target, word))
			tune_findings_add(findings, TUNE_CPU_LAYOUT, "%s",
					  tune_cpu_word_info(word)->label);
}

static void compare_component(const TuneCpu *guest, const TuneCpu *target,
			      const TuneCpuComponentInfo *info, TuneCpuFindings *findings)
{
	guint n = info->number;
	const TuneCpuComponent *have = &guest->components[n], *want = &target->components[n];

	if (info->is_running && guest->source != TUNE_CPU_GUEST)
		return;
	if ((have->size || !(guest->known_components >> n & 1)) &&
	    !((guest->known_components & target->known_components) >> n & 1))
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "xsave component %u", n);
	else if (!have->size)
		return;
	else if (!want->size)
		tune_findings_add(findings,
				  info->is_running && target->source == TUNE_CPU_RAW
					  ? TUNE_CPU_UNKNOWN
					  : TUNE_CPU_LAYOUT,
				  "xsave component %u missing", n);
	else if (have->size != want->size || have->offset != want->offset)
		tune_findings_add(findings, TUNE_CPU_LAYOUT,
				  "xsave component %u size/offset %u@0x%x -> %u@0x%x", n,
				  have->size, have->offset, want->size, want->offset);
	else if ((have->flags ^ want->flags) & 2)
		tune_findings_add(findings, TUNE_CPU_LAYOUT,
				  "xsave component %u alignment %u -> %u", n, have->flags >> 1 & 1,
				  want->flags >> 1 & 1);
}

static void compare_components(const TuneCpu *guest, const TuneCpu *target,
			       TuneCpuFindings *findings)
{
	guint n_infos;
	const TuneCpuComponentInfo *infos = tune_cpu_component_infos(&n_infos);

	for (guint i = 0; i < n_infos; i++)
		compare_component(guest, target, &infos[i], findings);
}

/* Bits 0 to 7 are the number of the version (Intel SDM, CPUID leaf 0x24). */
static void compare_avx10(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	guint have = guest->words[TUNE_CPU_24_0_EBX] & 0xff;
	guint want = target->words[TUNE_CPU_24_0_EBX] & 0xff;

	if (have > want && want)
		tune_findings_add(findings, TUNE_CPU_LOST, "avx10 version %u -> %u", have, want);
}

/* ---- counters ---- */

/* As many as KVM gives at most: KVM_MAX_NR_INTEL_GP_COUNTERS and _FIXED_COUNTERS of Linux asm/kvm_host.h. */
#define MAX_GENERAL 8
#define MAX_FIXED 3

TuneCpuCounters tune_cpu_get_counters(const TuneCpu *cpu)
{
	guint64 eax = cpu->words[TUNE_CPU_A_EAX];
	TuneCpuCounters counters = { MIN(eax & 0xff, 2), eax >> 8 & 0xff, eax >> 16 & 0xff,
				     cpu->words[TUNE_CPU_A_EDX] & 0x1f };

	if (cpu->source == TUNE_CPU_RAW) {
		counters.general = MIN(counters.general, MAX_GENERAL);
		/* Linux assumes three where a CPU does not report them: intel_pmu_init(). */
		counters.fixed = counters.version >= 2 ? MAX_FIXED : 0;
	}
	return counters;
}

static gboolean is_known_to_load_none(const TuneCpu *cpu)
{
	return tune_cpu_knows(cpu, TUNE_CPU_A_EAX) &&
	       !tune_cpu_loads_counters(tune_cpu_get_counters(cpu));
}

/* TRUE when the counters of one side are unknown; that is a reason unless the other side loads none. */
static gboolean report_unknown_counters(const TuneCpu *guest, const TuneCpu *target,
					TuneCpuFindings *findings)
{
	if (tune_cpu_knows(guest, TUNE_CPU_A_EAX) && tune_cpu_knows(target, TUNE_CPU_A_EAX))
		return FALSE;
	if (!is_known_to_load_none(guest) && !is_known_to_load_none(target))
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "%s",
				  tune_cpu_word_info(TUNE_CPU_A_EAX)->label);
	return TRUE;
}

/*
 * A new vCPU has all its counters enabled.  QEMU on the target loads the enable bits when the source has already given
 * the guest up; where KVM refuses the bit of a counter that it lacks, QEMU ends, and the guest is lost.  Sources:
 * kvm_put_msrs(), kvm_buf_set_msrs() of QEMU's target/i386/kvm/kvm.c; kvm_pmu_refresh(), kvm_pmu_set_msr()
 * of Linux arch/x86/kvm/pmu.c.
 */
static void compare_counters(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	TuneCpuCounters have = tune_cpu_get_counters(guest), want = tune_cpu_get_counters(target);
	gboolean is_fewer = want.general < have.general || want.fixed < have.fixed;

	if (report_unknown_counters(guest, target, findings) || !have.version)
		return;
	if (!want.version)
		tune_findings_add(findings, TUNE_CPU_COUNTERS, "gone");
	else if (is_fewer && tune_cpu_loads_counters(have) && tune_cpu_loads_counters(want))
		tune_findings_add_with(findings, TUNE_CPU_PMU,
				       "set pmu=off in its cpu_type and restart it",
				       "%u+%u counters->%u+%u", have.general, have.fixed,
				       want.general, want.fixed);
	else if (is_fewer || want.version < have.version || want.width < have.width)
		tune_findings_add(findings, TUNE_CPU_COUNTERS,
				  "%ux%u bits+%u v%u -> %ux%u bits+%u v%u", have.general,
				  have.width, have.fixed, have.version, want.general, want.width,
				  want.fixed, want.version);
}

/* Branch records and event records are stored in the host's format (Intel SDM, IA32_PERF_CAPABILITIES). */
static void compare_records(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	guint64 have = guest->words[TUNE_CPU_MSR_345], want = target->words[TUNE_CPU_MSR_345];

	if (!tune_cpu_knows(target, TUNE_CPU_MSR_345))
		return;
	if ((have & 0x3f) && (have & 0x3f) != (want & 0x3f))
		tune_findings_add(findings, TUNE_CPU_COUNTERS, "lbr-fmt 0x%x -> 0x%x",
				  (guint)have & 0x3f, (guint)want & 0x3f);
	if ((have & 0xf00) && (have & 0xf00) != (want & 0xf00))
		tune_findings_add(findings, TUNE_CPU_COUNTERS, "pebs-fmt 0x%x -> 0x%x",
				  (guint)have >> 8 & 0xf, (guint)want >> 8 & 0xf);
}

/* ---- vendor, addresses, model ---- */

static void compare_vendors(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	if (!*guest->vendor || !*target->vendor)
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "vendor");
	else if (strcmp(guest->vendor, target->vendor) != 0)
		tune_findings_add(findings, TUNE_CPU_VENDOR, "%s->%s", guest->vendor,
				  target->vendor);
}

static void compare_addresses(const TuneCpu *guest, const TuneCpu *target,
			      TuneCpuFindings *findings)
{
	guint have = guest->phys_bits, want = target->phys_bits;

	if (!(guest->fields & target->fields & TUNE_CPU_HAS_PHYS_BITS))
		tune_findings_add(findings, TUNE_CPU_UNKNOWN, "phys-bits");
	else if (have > want)
		tune_findings_add(findings, TUNE_CPU_ADDR, "phys-bits %u->%u", have, want);
	else if (have < want && tune_cpu_follows_node(guest))
		tune_findings_add(findings, TUNE_CPU_MODEL, "phys-bits %u->%u", have, want);
}

static void compare_models(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const char *have = guest->texts[TUNE_CPU_MICROCODE];
	const char *want = target->texts[TUNE_CPU_MICROCODE];

	if (!(guest->fields & target->fields & TUNE_CPU_HAS_SIGNATURE) ||
	    !tune_cpu_follows_node(guest))
		return;
	if (guest->family != target->family || guest->model != target->model ||
	    guest->stepping != target->stepping)
		tune_findings_add(findings, TUNE_CPU_MODEL, "%u/%u/%u->%u/%u/%u", guest->family,
				  guest->model, guest->stepping, target->family, target->model,
				  target->stepping);
	else if (have && want && strcmp(have, want) != 0)
		tune_findings_add(findings, TUNE_CPU_MODEL, "microcode %s->%s", have, want);
}

void tune_cpu_compare_into(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	compare_vendors(guest, target, findings);
	compare_words(guest, target, findings);
	if (is_decided(findings))
		return;
	compare_palette(guest, target, findings);
	compare_components(guest, target, findings);
	compare_avx10(guest, target, findings);
	compare_addresses(guest, target, findings);
	tune_cpu_compare_setup(guest, target, findings);
	tune_cpu_compare_hyperv(guest, target, findings);
	tune_cpu_compare_known(guest, target, findings);
	compare_counters(guest, target, findings);
	compare_records(guest, target, findings);
	compare_models(guest, target, findings);
}

TuneCpuVerdict tune_cpu_judge(const TuneCpu *guest, const TuneCpu *target, guint waivers)
{
	TuneCpuFindings findings = { .waivers = waivers };

	tune_cpu_compare_into(guest, target, &findings);
	return findings.verdict;
}

/* A policy may waive "security" and "pmu"; the verdict without them decides. */
gboolean tune_cpu_use_matters(const TuneCpu *guest, const TuneCpu *target)
{
	static const guint waivers = 1u << TUNE_CPU_SECURITY | 1u << TUNE_CPU_PMU;
	g_autoptr(TuneCpu) idle = tune_cpu_copy(guest);

	idle->unused = TUNE_CPU_ALL_SWITCHES;
	return tune_cpu_judge(guest, target, waivers) == TUNE_CPU_REFUSE &&
	       tune_cpu_judge(idle, target, waivers) != TUNE_CPU_REFUSE;
}

/* ---- with all reasons ---- */

static GPtrArray *list_gained(const TuneCpu *guest, const TuneCpu *target)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	guint64 known = guest->known & target->known;
	GPtrArray *gained = g_ptr_array_new();

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		guint64 new = known >> word & 1 ? target->words[word] & ~guest->words[word] &
							  (masks->lost[word] | masks->gained[word])
						: 0;
		for (; new; new &= new - 1)
			g_ptr_array_add(gained, (gpointer)tune_cpu_bit_find(
							word, (guint)__builtin_ctzll(new))
							->name);
	}
	g_ptr_array_add(gained, NULL);
	return gained;
}

TuneCpuReport *tune_cpu_compare(const TuneCpu *guest, const TuneCpu *target, guint waivers)
{
	TuneCpuReport *report = tune_cpu_report_new(waivers);

	tune_cpu_compare_into(guest, target, &report->findings);
	g_autoptr(TuneCpu) seen = tune_cpu_copy_for(target, guest);
	report->gained = list_gained(guest, tune_cpu_follows_node(guest) ? seen : guest);
	return report;
}
