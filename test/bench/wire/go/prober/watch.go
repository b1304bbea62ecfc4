package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"fairlead/bench/arp"
)

const soTimestampNs = 35 // asm-generic/socket.h

// watch asks for the targets in turn, without waiting for answers, until standard input ends. Prints a line for each question and for each
// frame that says who has a target, with Unix milliseconds; those of frames are the kernel's, at arrival:
//
//	ask <at> <target>
//	reply <at> <target> <MAC>      to this client
//	announce <at> <target> <MAC>   to everybody
func watch(device string, own net.IP, interval int, targets []string) {
	fd, mac := arp.Open(device)
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soTimestampNs, 1); err != nil {
		arp.Fail("SO_TIMESTAMPNS", err)
	}
	out := &lines{writer: bufio.NewWriterSize(os.Stdout, 1<<16)}
	go hear(fd, mac, targets, out)
	go out.flushNowAndThen()
	go ask(fd, mac, own, interval, targets, out)
	out.print("ready")
	out.flush()
	io.Copy(io.Discard, os.Stdin)
	out.flush()
}

func ask(fd int, mac net.HardwareAddr, own net.IP, interval int, targets []string, out *lines) {
	requests := make([][]byte, len(targets))
	for index, target := range targets {
		requests[index] = arp.Request(mac, own, arp.IPv4(target))
	}
	turn := 0
	for range time.Tick(time.Duration(interval) * time.Microsecond) {
		out.print("ask %.3f %s", millis(time.Now().UnixNano()), targets[turn])
		if _, err := syscall.Write(fd, requests[turn]); err != nil && err != syscall.ENOBUFS && err != syscall.ENETDOWN {
			arp.Fail("write", err)
		}
		turn = (turn + 1) % len(targets)
	}
}

func hear(fd int, mac net.HardwareAddr, targets []string, out *lines) {
	known := make(map[string]bool, len(targets))
	for _, target := range targets {
		known[string(arp.IPv4(target))] = true
	}
	frame, control := make([]byte, 2048), make([]byte, 256)
	for {
		size, controlSize, _, _, err := syscall.Recvmsg(fd, frame, control, 0)
		if err == syscall.EINTR || err == syscall.ENETDOWN {
			continue
		}
		if err != nil {
			arp.Fail("recvmsg", err)
		}
		if arp.Op(frame[:size]) == 0 {
			continue
		}
		sender, address := arp.Sender(frame)
		if !known[string(address)] {
			continue
		}
		kind := "announce"
		if net.HardwareAddr(frame[:6]).String() == mac.String() && arp.Op(frame) == arp.OpReply {
			kind = "reply"
		}
		out.print("%s %.3f %s %s", kind, millis(arrival(control[:controlSize])), address, sender)
	}
}

// arrival is in nanoseconds since 1970.
func arrival(control []byte) int64 {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		arp.Fail("control message", err)
	}
	for _, message := range messages {
		if message.Header.Level == syscall.SOL_SOCKET && message.Header.Type == soTimestampNs {
			seconds := binary.NativeEndian.Uint64(message.Data)
			return int64(seconds)*1e9 + int64(binary.NativeEndian.Uint64(message.Data[8:]))
		}
	}
	return time.Now().UnixNano()
}

func millis(nanoseconds int64) float64 {
	return float64(nanoseconds) / 1e6
}

type lines struct {
	mutex  sync.Mutex
	writer *bufio.Writer
}

func (out *lines) print(format string, values ...any) {
	out.mutex.Lock()
	defer out.mutex.Unlock()
	fmt.Fprintf(out.writer, format+"\n", values...)
}

func (out *lines) flush() {
	out.mutex.Lock()
	defer out.mutex.Unlock()
	out.writer.Flush()
}

func (out *lines) flushNowAndThen() {
	for range time.Tick(20 * time.Millisecond) {
		out.flush()
	}
}
