// Package arp has raw sockets and frames for ARP, as RFC 826 draws them, out of the standard library alone.
package arp

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"syscall"
)

const (
	etherType  = 0x0806
	frameSize  = 14 + 28
	OpRequest  = 1
	OpReply    = 2
	headerSize = 14
)

// Fail ends the program with one line.
func Fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

// Open gives a blocking socket that hears the ARP frames of one interface.
func Open(name string) (int, net.HardwareAddr) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		Fail(name, err)
	}
	const protocol = etherType>>8 | etherType&0xff<<8 // in the order of the wire, as packet(7) wants it
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, protocol)
	if err != nil {
		Fail("socket", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: protocol, Ifindex: device.Index}); err != nil {
		Fail("bind", err)
	}
	return fd, device.HardwareAddr
}

// IPv4 reads an argument.
func IPv4(text string) net.IP {
	address := net.ParseIP(text).To4()
	if address == nil {
		Fail(text, fmt.Errorf("no IPv4 address"))
	}
	return address
}

// Request is a broadcast question for target.
func Request(mac net.HardwareAddr, own, target net.IP) []byte {
	frame := make([]byte, frameSize)
	copy(frame, "\xff\xff\xff\xff\xff\xff")
	copy(frame[6:], mac)
	copy(frame[12:], []byte{0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, OpRequest})
	copy(frame[22:], mac)
	copy(frame[28:], own)
	copy(frame[38:], target)
	return frame
}

// Op is 0 for what is no ARP of IPv4 over Ethernet.
func Op(frame []byte) uint16 {
	if len(frame) < frameSize || string(frame[12:20]) != "\x08\x06\x00\x01\x08\x00\x06\x04" {
		return 0
	}
	return binary.BigEndian.Uint16(frame[20:])
}

// Sender is who the frame says has which address.
func Sender(frame []byte) (net.HardwareAddr, net.IP) {
	return net.HardwareAddr(frame[22:28]), net.IP(frame[28:32])
}

// Target is the address asked for.
func Target(frame []byte) net.IP {
	return net.IP(frame[38:42])
}

// TurnRound makes the answer out of the question, in place: mac has the address.
func TurnRound(frame []byte, mac net.HardwareAddr) {
	asked := string(frame[38:42])
	copy(frame, frame[6:12])
	copy(frame[6:], mac)
	frame[21] = OpReply
	copy(frame[32:], frame[22:32])
	copy(frame[22:], mac)
	copy(frame[28:], asked)
}
