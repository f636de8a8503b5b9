package store

import "golang.org/x/sys/unix"

const (
	goneWithContainer = "it is on a layer of a container, and goes when the container does: mount a volume for its folder"
	goneWithMachine   = "it is in memory, and gone when the machine starts anew: name a file on a disk in WFBOT_DATABASE_URL"
	overNetwork       = "it is on a network file system, whose locks may not keep a second wfbot out and which may lose what was stored: use a local disk, or PostgreSQL"
)

// places are file systems by the number that statfs gives them.
// Source: https://man7.org/linux/man-pages/man2/statfs.2.html
var places = map[uint32]Place{
	0xef53: {FileSystem: "ext4"}, 0x58465342: {FileSystem: "xfs"}, 0x9123683e: {FileSystem: "btrfs"}, 0x2fc12fc1: {FileSystem: "zfs"}, 0xf2f52010: {FileSystem: "f2fs"},
	0x794c7630: {"overlay", goneWithContainer},
	0x01021994: {"tmpfs", goneWithMachine}, 0x858458f6: {"ramfs", goneWithMachine},
	0x6969: {"nfs", overNetwork}, 0x517b: {"smb", overNetwork}, 0xff534d42: {"cifs", overNetwork}, 0xfe534d42: {"smb2", overNetwork},
	0x00c36400: {"ceph", overNetwork}, 0x01021997: {"9p", overNetwork}, 0x65735546: {"fuse", overNetwork}, 0x6b414653: {"afs", overNetwork},
}

// placeOf is what a folder is on.
func placeOf(folder string) Place {
	var at unix.Statfs_t
	if err := unix.Statfs(folder, &at); err != nil {
		return Place{}
	}
	return places[uint32(at.Type)]
}
