mkdir folder
echo '<html>' >page.pt
: >empty.pt
for name in folder page.pt empty.pt; do canon info $name || echo "exit $?"; done
