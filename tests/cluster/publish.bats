# gnt-tune cpu publish, on the master: what is new, and nodes that are in trouble.
load cluster

# published STATUS TEXT...: publish ends with it and says all that.
published() {
	local text
	run publish
	echo "$output"
	[ "$status" -eq "$1" ]
	for text in "${@:2}"; do
		[[ "$output" == *"$text"* ]] || { echo "'$text' is missing"; return 1; }
	done
}

# checksum NODE WHERE
checksum() {
	record_of "$1" "$2" | sha256sum
}

@test "what a node has gained and lost is said, and all nodes know it" {
	published 0
	make_lesser node1
	published 0 node1.lab.test "lost $feature"
	[ "$(checksum node1 node1)" = "$(checksum node1 node3)" ]
	make_whole node1
	published 0 node1.lab.test "gained $feature"
	[ "$(checksum node1 node1)" = "$(checksum node1 node3)" ]
	local before
	before=$(on node2 stat -c %i $records/node1.lab.test.yaml)
	published 0
	[ "$(on node2 stat -c %i $records/node1.lab.test.yaml)" = "$before" ]
}

@test "only the master publishes" {
	run on node2 gnt-tune cpu publish
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *master* ]]
}

@test "a node that does not answer is named, its record stays, the others are done" {
	local before
	before=$(checksum node2 node1)
	on node2 pkill -x sshd
	make_lesser node1
	run publish
	on node2 /usr/sbin/sshd
	make_whole node1
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *node2.lab.test* ]]
	[ "$(checksum node2 node1)" = "$before" ]
	[ "$(checksum node1 node3)" = "$(checksum node1 node1)" ]
	published 0
	[ "$(checksum node1 node2)" = "$(checksum node1 node1)" ]
}

@test "a node without ganeti-tune is named" {
	local program
	program=$(on node2 sh -c 'command -v gnt-tune')
	on node2 mv "$program" "$program.gone"
	run publish
	on node2 mv "$program.gone" "$program"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *node2.lab.test* ]]
	published 0
}

# A node that cannot write reports it, and its old records stay whole.
cannot_write() {
	local before
	before=$(checksum node1 node2)
	make_lesser node1
	run publish
	make_whole node1
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"node2.lab.test"*"did not take the records of the others"*"$1"* ]]
	[ "$(checksum node1 node2)" = "$before" ]
	[ "$(checksum node1 node3)" = "$(checksum node1 node1)" ]
}

@test "a full disk on one node: named, its records stay whole" {
	on node2 sh -c 'cp -a /var/lib/ganeti-tune /run/copy && mount -t tmpfs -o size=4m full /var/lib/ganeti-tune &&
		cp -a /run/copy/. /var/lib/ganeti-tune/ && { head -c 8m /dev/zero >/var/lib/ganeti-tune/full || :; } 2>/dev/null'
	run cannot_write "No space left on device"
	on node2 sh -c 'umount /var/lib/ganeti-tune && rm -r /run/copy'
	echo "$output"
	[ "$status" -eq 0 ]
	published 0
}

@test "a read-only /var/lib on one node: named, its records stay whole" {
	on node2 sh -c 'mount --bind /var/lib/ganeti-tune /var/lib/ganeti-tune &&
		mount -o remount,bind,ro /var/lib/ganeti-tune'
	run cannot_write "Read-only file system"
	on node2 umount /var/lib/ganeti-tune
	echo "$output"
	[ "$status" -eq 0 ]
	published 0
}
