// A client on the segment, with a raw socket of its own: the cache of the kernel is not in the way.
//
//	prober rtt   <interface> <own address> <target> <warm-up> <count> <gap in µs>
//	prober watch <interface> <own address> <interval in µs> <target> …
//	prober flood <interface> <own address> <frames a second> <seconds> <first target> <number of targets>
package main

import (
	"fmt"
	"os"
	"strconv"

	"fairlead/bench/arp"
)

func main() {
	if len(os.Args) < 6 {
		arp.Fail("prober", fmt.Errorf("too few arguments"))
	}
	device, own, rest := os.Args[2], arp.IPv4(os.Args[3]), os.Args[4:]
	switch os.Args[1] {
	case "rtt":
		roundTrips(device, own, arp.IPv4(rest[0]), number(rest[1]), number(rest[2]), number(rest[3]))
	case "watch":
		watch(device, own, number(rest[0]), rest[1:])
	case "flood":
		flood(device, own, number(rest[0]), number(rest[1]), arp.IPv4(rest[2]), number(rest[3]))
	default:
		arp.Fail(os.Args[1], fmt.Errorf("no such command"))
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		arp.Fail(text, err)
	}
	return value
}
