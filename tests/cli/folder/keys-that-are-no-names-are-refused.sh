# one entry, whose value is nil
trouble() {
  printf "$1" >in.msgpack
  canon convert --from msgpack in.msgpack out --to folder
  echo "exit $?"
  rm -rf out
}
trouble '\x81\xa0\xc0'
trouble '\x81\xa4../x\xc0'
trouble '\x81\xa2..\xc0'
trouble '\x81\xa1.\xc0'
trouble '\x81\xa6/x.npy\xc0'
trouble '\x81\xa5a\0.pt\xc0'
trouble '\x81\x07\xc0'
trouble '\x81\xc4\x04a.pt\xc0'
trouble "\x81\xd9\xff$(printf 'x%.0s' {1..255})\xc0"
trouble "\x81\xda\x01\x00$(printf 'x%.0s' {1..256})\xc0"
trouble '\x81\xa1a\xc0'
trouble '\x81\xa1a\x80'
trouble '\x81\xa1a\x81\xa1b\x93\x01\x02\x03'
trouble '\x81\xa5a.npy\xc0'
trouble '\x82\xa4A.pt\xc0\xa4a.pt\xc0'
trouble '\x82\xa1A\x81\xa4b.pt\xc0\xa1a\x81\xa4c.pt\xc0'
trouble '\x93\x01\x02\x03'
ls -A
