npy() { { printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '$2', 'fortran_order': False, 'shape': $3, }"; printf "$4"; } >"$1"; }
mkdir a b
npy a/order.npy '|u1' '(3, 2)' 'abcdef'
npy b/order.npy '|u1' '(3, 2)' 'cdabef'
npy a/small.npy '|u1' '(4,)' 'abcd'
npy b/small.npy '|u1' '(4,)' 'abcz'
canon diff --quiet --html page.html a b
says() { grep -o "$@" | sed 's/<[^>]*>/ /g'; }
says '<h3>.*</h3>\|<p>[^<]*one place[^<]*</p>\|<b>Where.*</figcaption>\|>differs</text>\|of a cell differ' <page.html
# In cells of more than one element it says where most differ, unless none stands out.
canon diff --quiet --html halves.html "$SAMPLES"/torch-2.{7.1,8.0}/half_norm.pt
canon diff --quiet --html norms.html "$SAMPLES"/torch-2.{7.1,8.0}/norm.pt
says '<b>Where.*</figcaption>\|of a cell differ' <halves.html
says '<b>Where.*</figcaption>' <norms.html
# A histogram of powers of two has the end of its last bar.
says '<text class="mid"[^>]*>2<tspan[^>]*>[-0-9]*' <halves.html
