package file

import (
	"bytes"
	"errors"
	"syscall"
)

// accessList is the attribute that holds the POSIX ACL of a file (acl(5)). In a file
// that has one, the group's bits of the mode are the mask of the ACL.
const accessList = "system.posix_acl_access"

// matchACL gives the file at path the ACL of the file like, or none, and reports
// whether it could. A new file has one if its directory has a default ACL.
func matchACL(path, like string) bool {
	want, err := getACL(like)
	if err != nil {
		return false
	}
	if want == nil {
		return removeACL(path)
	}
	if syscall.Setxattr(path, accessList, want, 0) != nil {
		return false
	}
	got, err := getACL(path)
	return err == nil && bytes.Equal(got, want)
}

// hasACL reports whether the file at path has an ACL, or may have one.
func hasACL(path string) bool {
	acl, err := getACL(path)
	return acl != nil || err != nil
}

// removeACL leaves the file at path only its mode.
func removeACL(path string) bool {
	err := syscall.Removexattr(path, accessList)
	return err == nil || noACL(err)
}

// getACL returns the ACL of the file at path; nil if it has none.
func getACL(path string) ([]byte, error) {
	for {
		n, err := syscall.Getxattr(path, accessList, nil)
		if noACL(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		acl := make([]byte, n)
		n, err = syscall.Getxattr(path, accessList, acl)
		if err == nil {
			return acl[:n], nil
		}
		if !noACL(err) && !errors.Is(err, syscall.ERANGE) { // else it was changed meanwhile
			return nil, err
		}
	}
}

// noACL reports whether err says that the file has no ACL, or its file system none at
// all.
func noACL(err error) bool {
	return errors.Is(err, syscall.ENODATA) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS)
}
