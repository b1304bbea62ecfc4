package main

import (
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"fairlead/bench/arp"
)

// roundTrips asks, waits for the answer, and asks again after the gap. Prints the microseconds of each, after the warm-up, in one line; -1
// where there was no answer within a second.
func roundTrips(device string, own, target net.IP, warmUp, count, gap int) {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	fd, mac := arp.Open(device)
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 1}); err != nil {
		arp.Fail("SO_RCVTIMEO", err)
	}
	request, buffer := arp.Request(mac, own, target), make([]byte, 2048)
	taken := make([]string, 0, count)
	for round := 0; round < warmUp+count; round++ {
		began := time.Now()
		if _, err := syscall.Write(fd, request); err != nil {
			arp.Fail("write", err)
		}
		micros := -1.0
		if hears(fd, buffer, target) {
			micros = float64(time.Since(began).Nanoseconds()) / 1e3
		}
		if round >= warmUp {
			taken = append(taken, fmt.Sprintf("%.1f", micros))
		}
		time.Sleep(time.Duration(gap) * time.Microsecond)
	}
	fmt.Println(strings.Join(taken, " "))
}

func hears(fd int, buffer []byte, target net.IP) bool {
	for {
		size, err := syscall.Read(fd, buffer)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return false
		}
		frame := buffer[:size]
		if arp.Op(frame) != arp.OpReply {
			continue
		}
		if _, sender := arp.Sender(frame); sender.Equal(target) {
			return true
		}
	}
}
