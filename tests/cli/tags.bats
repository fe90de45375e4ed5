# cpu tags: what it shows, and what it submits.  gnt-node and gnt-cluster of the machine write it down.
load helper

make_record=$(program tests/unit/make-record)
allow=htools:allowmigration:cpu

setup() {
	make_host drbd-sata
	make_master
	make_tool gnt-node 'cat "${0%/*}/../../list"'
	make_tool gnt-cluster 'cat "${0%/*}/../../tags"'
	: >"$host/tags"
	add_node node1 M Y
	add_node node2 C N
}

# make_tool NAME LIST-COMMAND: what changes something is written down, one call in a line.
# shellcheck disable=SC2016 # expanded there
make_tool() {
	make_program "usr/sbin/$1" "case \$1 in list*) $2 ;;" \
		'*) echo "${0##*/} $*" >>"${0%/*}/../../said"; echo "JobID: 7"; if [ -e "${0%/*}/../../fail" ]; then echo Failure: full >&2; exit 1; fi ;;' 'esac'
}

# add_node NAME ROLE MASTER [CHANGES]
add_node() {
	add_to_list "$1.example.com" "$2" "$3" N
	mkdir -p "$host/var/lib/ganeti-tune/nodes"
	"$make_record" "$1.example.com" "${4-}" >"$host/var/lib/ganeti-tune/nodes/$1.example.com.yaml"
}

# set_tags NODE TAGS
set_tags() {
	sed -i "s/^\($1\.example\.com|.*|\)[^|]*|default\$/\1$2|default/" "$host/list"
}

class_of() {
	tune cpu tags --no-headers --separator=' ' | sed -n "s/^\(add\|keep\) $1\.example\.com cpu:\([a-z]*-[0-9a-f]*\)$/\2/p"
}

@test "tags: the plan, then what it submits, then nothing" {
	local a b
	add_node node3 C N -rtm
	a=$(class_of node1) b=$(class_of node3)
	[ -n "$a" ] && [ "$a" != "$b" ] && [ "$a" = "$(class_of node2)" ]
	fails_with 4 tune cpu tags --no-headers --separator='|'
	diff - <(echo "$output") <<-PLAN
		add|node1.example.com|cpu:$a
		add|node2.example.com|cpu:$a
		add|node3.example.com|cpu:$b
		add|cluster|htools:migration:cpu
		add|cluster|$allow:$b::cpu:$a
	PLAN
	fails_with 4 tune cpu tags --apply --dry-run
	[ ! -e "$host/said" ]
	fails_with 0 tune cpu tags --apply
	says "add    cluster           htools:migration:cpu" "5 changes submitted: gnt-job list tells how they end"
	diff - <(sort "$host/said") <<-SAID
		gnt-cluster add-tags --submit htools:migration:cpu $allow:$b::cpu:$a
		gnt-node add-tags --submit node1.example.com cpu:$a
		gnt-node add-tags --submit node2.example.com cpu:$a
		gnt-node add-tags --submit node3.example.com cpu:$b
	SAID
	printf 'htools:migration:cpu\n%s\n' "$allow:$b::cpu:$a" >"$host/tags"
	set_tags node1 "cpu:$a"
	set_tags node2 "cpu:$a,rack:1"
	set_tags node3 "cpu:$b"
	rm "$host/said"
	fails_with 0 tune cpu tags --apply
	[ ! -e "$host/said" ]
	# A class does not depend on who else is there.
	grep -v node1 "$host/list" | sed 's/node2.example.com|C|N/node2.example.com|M|Y/' >"$host/list.new"
	mv "$host/list.new" "$host/list"
	fails_with 0 tune cpu tags
	[ "$(class_of node2)" = "$a" ]
}

@test "tags: where something is not known planners plan nothing, as the gate refuses it" {
	local a
	add_node node3 C N
	sed -i '/^  msr.0x10a: /d' "$host"/var/lib/ganeti-tune/nodes/node[12].example.com.yaml
	a=$(class_of node3)
	fails_with 4 tune cpu tags --no-headers --separator='|' -o action,tag
	diff - <(echo "$output" | sed "s/unknown-[0-9a-f]*/U/") <<-PLAN
		add|cpu:U
		add|cpu:U
		add|cpu:$a
		add|htools:migration:cpu
	PLAN
	[ "$(class_of node1)" != "$(class_of node2)" ]
	use_policy - <<<'cpu: {unknown: warn}'
	[[ "$(class_of node1)" = intel-* ]]
	[ "$(class_of node1)" = "$(class_of node2)" ]
}

@test "tags: with the machine_version of the cluster a class may go to an older QEMU" {
	local a b records=$host/var/lib/ganeti-tune/nodes
	sed -i '/^qemu: /d; /^machines:/,/^[a-z]/{/^machines:/d; /^ *-/d}; s/^format:.*/&\nmachines: [pc-i440fx-7.2]\nqemu: "7.2.22"/' \
		"$records"/*.yaml
	sed -i 's/^qemu:.*/qemu: "10.0.13"/' "$records/node2.example.com.yaml"
	a=$(class_of node1) b=$(class_of node2)
	set_value var/lib/ganeti/ssconf_hvparams_kvm machine_version=
	fails_with 4 tune cpu tags
	says "$allow:$a::cpu:$b"
	[[ "$output" != *"$allow:$b::cpu:$a"* ]]
	set_value var/lib/ganeti/ssconf_hvparams_kvm machine_version=pc-i440fx-7.2
	fails_with 4 tune cpu tags
	says "$allow:$a::cpu:$b" "$allow:$b::cpu:$a"
}

@test "tags: only differences, and what is new before what is old goes" {
	local a
	a=$(class_of node1)
	printf 'htools:migration:cpu\nhtools:iextags:a\n' >"$host/tags"
	set_tags node1 "cpu:$a"
	set_tags node2 "cpu:intel-00000000,rack:2"
	fails_with 0 tune cpu tags --apply
	diff - "$host/said" <<-SAID
		gnt-node add-tags --submit node2.example.com cpu:$a
		gnt-node remove-tags --submit node2.example.com cpu:intel-00000000
	SAID
}

@test "tags: --remove takes all of ours, and nothing else" {
	printf 'htools:migration:cpu\n%s\nhtools:migration:hv\n%s\n' "$allow:amd-00000000::cpu:intel-00000000" "$allow:a::cpu:b" >"$host/tags"
	set_tags node1 cpu:intel-00000000,rack:1
	set_tags node2 cpu:fast
	rm -r "$host/var/lib/ganeti-tune"
	fails_with 4 tune cpu tags --remove --dry-run
	[ ! -e "$host/said" ]
	fails_with 0 tune cpu tags --remove
	says "foreign node2.example.com cpu:fast"
	diff - <(sort "$host/said") <<-SAID
		gnt-cluster remove-tags --submit htools:migration:cpu $allow:amd-00000000::cpu:intel-00000000
		gnt-node remove-tags --submit node1.example.com cpu:intel-00000000
	SAID
}

@test "tags: what cannot be done is one line, and no job" {
	fails_with 2 tune cpu tags --apply --remove
	fails_with 2 tune cpu tags x
	touch "$host/fail"
	fails_with 1 tune cpu tags --apply
	says "gnt-tune: gnt-" "failed with status 1: Failure: full"
	rm "$host/fail" "$host/said"
	make_program usr/sbin/gnt-cluster 'exit 1'
	fails_with 1 tune cpu tags --apply
	says "gnt-tune: gnt-cluster: failed with status 1"
	set_value var/lib/ganeti/ssconf_master_node node2.example.com
	fails_with 1 tune cpu tags --apply
	says "node1.example.com is not the master node"
	set_value var/lib/ganeti/ssconf_master_node node1.example.com
	make_tool gnt-cluster 'cat "${0%/*}/../../tags"'
	rm -r "$host/var/lib/ganeti-tune"
	fails_with 1 tune cpu tags --apply
	says "no CPU record of any node: see gnt-tune cpu publish"
	[ ! -e "$host/said" ]
}
