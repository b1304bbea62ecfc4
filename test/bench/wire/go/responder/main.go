// The least that can answer ARP requests from user space: one blocking raw socket, one address. What a speaker is measured against.
//
//	responder <interface> <address>
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"fairlead/bench/arp"
)

func main() {
	runtime.LockOSThread()
	fd, mac := arp.Open(os.Args[1])
	address := arp.IPv4(os.Args[2])
	fmt.Println("ready")
	buffer := make([]byte, 2048)
	for {
		size, err := syscall.Read(fd, buffer)
		if err != nil {
			arp.Fail("read", err)
		}
		frame := buffer[:size]
		if arp.Op(frame) != arp.OpRequest || !arp.Target(frame).Equal(address) {
			continue
		}
		arp.TurnRound(frame, mac)
		if _, err := syscall.Write(fd, frame); err != nil {
			arp.Fail("write", err)
		}
	}
}
