# shellcheck shell=bash
# What is left of an instance's network when the instance could not clear it up itself. Needs common.sh.

# subnet_is_free CIDR: no route of this machine leads into it, and none but the default covers it.
subnet_is_free() {
    [ -z "$(ip -4 route show root "$1")" ] && [ -z "$(ip -4 route show match "$1" | grep -v '^default' || true)" ]
}

# subnet_choose NUMBER: a free /24 of 10.63.0.0 to 10.127.255.0; NUMBER says where to begin, so that two instances
# that have not made their bridges yet begin at different places.
subnet_choose() {
    local try number
    for ((try = 0; try < 256; try++)); do
        number=$((($1 + try) % (65 * 256)))
        if subnet_is_free "10.$((63 + number / 256)).$((number % 256)).0/24"; then
            printf '10.%d.%d.0/24\n' $((63 + number / 256)) $((number % 256))
            return 0
        fi
    done
    die "found no free subnet between 10.63.0.0 and 10.127.255.0"
}

# network_remove BRIDGE NETWORK SUBNET: network namespaces, bridge and rules of an instance.
network_remove() {
    local name
    while read -r name _; do
        case $name in
            "$1"-*) ip netns delete "$name" || say "cannot remove the network namespace $name" ;;
        esac
    done < <(ip netns list 2>/dev/null)
    if ip link show "$1" >/dev/null 2>&1; then
        ip link delete "$1" || say "cannot remove the bridge $1"
    fi
    if have iptables iptables-save iptables-restore; then
        rules_remove "$2" "$3"
        isolation_remove "$1"
    fi
}

# rules_remove NETWORK SUBNET: the bridge plugin makes a chain for each container, and names the network in comments;
# the firewall plugin names the address. The rules go back to iptables as it wrote them, so nothing has to be quoted.
rules_remove() {
    local table rules chains address=" ${2%.*}."
    for table in nat filter; do
        rules=$(iptables-save -t "$table" | grep '^-A ' | grep -F -e "name: \\\"$1\\\"" -e "$address" || true)
        [ -n "$rules" ] || continue
        chains=$(grep -o 'CNI-[0-9a-f]\{24\}' <<<"$rules" | sort -u || true)
        printf '%s\n' "*$table" "$rules" "$chains" COMMIT \
            | sed 's/^-A /-D /; s/^CNI-/-X CNI-/; /^$/d' \
            | iptables-restore --noflush --wait || say "cannot remove iptables rules of $1"
    done
}

# isolation_remove BRIDGE: the chains by which faasd keeps functions from the host and from each other.
isolation_remove() {
    local chain table
    for chain in "INPUT ISOLATE-IN-$1" "FORWARD ISOLATE-FWD-$1"; do
        iptables -w -D "${chain% *}" -i "$1" -j "${chain#* }" 2>/dev/null || true
        iptables -w -F "${chain#* }" 2>/dev/null || true
        iptables -w -X "${chain#* }" 2>/dev/null || true
    done
    for table in INPUT FORWARD; do
        ip6tables -w -D "$table" -i "$1" -j DROP 2>/dev/null || true
    done
}

# firewall_chains_remove: the chains that the firewall plugin shares among all networks, when none uses them.
firewall_chains_remove() {
    local used
    have iptables || return 0
    used=$(iptables -w -S CNI-FORWARD 2>/dev/null | grep '^-A' | grep -vc -e '-j CNI-ADMIN$' || true)
    [ "${used:-0}" -eq 0 ] || return 0
    [ -z "$(iptables -w -S CNI-ADMIN 2>/dev/null | grep '^-A' || true)" ] || return 0
    iptables -w -D FORWARD -m comment --comment 'CNI firewall plugin rules' -j CNI-FORWARD 2>/dev/null || true
    iptables -w -F CNI-FORWARD 2>/dev/null || true
    iptables -w -X CNI-FORWARD 2>/dev/null || true
    iptables -w -X CNI-ADMIN 2>/dev/null || true
}
