package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"syscall"
	"time"

	"fairlead/bench/arp"
)

// flood asks for one target after the other at an even rate, a few frames each millisecond. Prints how many a second it has been.
func flood(device string, own net.IP, rate, seconds int, first net.IP, targets int) {
	fd, mac := arp.Open(device)
	request := arp.Request(mac, own, first)
	base := binary.BigEndian.Uint32(first)
	began, sent := time.Now(), 0
	for taken := time.Duration(0); taken < time.Duration(seconds)*time.Second; taken = time.Since(began) {
		for due := int(taken.Seconds() * float64(rate)); sent < due; sent++ {
			binary.BigEndian.PutUint32(request[38:], base+uint32(sent%targets))
			if _, err := syscall.Write(fd, request); err != nil && err != syscall.ENOBUFS {
				arp.Fail("write", err)
			}
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("%.0f\n", float64(sent)/time.Since(began).Seconds())
}
