trouble() { timeout 5 canon info d; echo "exit $?"; rm d/x; }
mkdir -p d/sub
printf 1 >d/a
printf 2 >secret
mkfifo d/x && trouble
ln -s ../secret d/x && trouble
ln -s /etc/passwd d/x && trouble
ln -s sub d/x && trouble
ln -s nowhere d/x && trouble
ln -s x d/x && trouble
ln -s /dev/zero d/x && trouble
ln -s ../a d/sub/link && canon convert d out --to folder && cat out/sub/link && [ ! -h out/sub/link ] && echo ' is a file'
ln -s d link && canon digest d link | cut -d= -f2 | uniq -c | grep -c ' 2 '
