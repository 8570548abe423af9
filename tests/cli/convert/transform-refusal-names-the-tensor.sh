cp "$CORPUS"/torch/2.8.0/state_dict.pt a.pt
canon convert --cast f32 --cast u8 a.pt b.pt; echo "exit $?"
path=$(canon convert --cast f32 --cast u8 a.pt b.pt 2>&1 | sed 's/^canon: a.pt#//; s/: .*//')
canon convert --cast f32 --cast u8 "a.pt#$path" b.npy; echo "exit $?"
canon convert --cast f32 --cast u8 --select "$path" a.pt b.pt; echo "exit $?"
ls
