#!/bin/bash
. /etc/init.d/functions
VIP=192.168.0.204
PORT=80
RIP=(192.168.0.202 192.168.0.203)
start(){
ifconfig eth0:0 $VIP/24 up
ipvsadm -C
ipvsadm --set 30 5 60
ipvsadm -A -t $VIP:$PORT -s rr -p 300
for ((i=0;i<${#RIP[*]};i++))
do
ipvsadm -a -t $VIP:$PORT -r ${RIP[$i]} -g -w 1
done
}
stop(){
ifconfig eth0:0 $VIP/24 down
ipvsadm -C
}
case "$1" in
start)
start
if [ $? -eq 0 ];
then
action "start lvs" /bin/true
else
action "start lvs" /bin/false
fi
;;
stop)
stop
if [ $? -eq 0 ];
then
action "stop lvs" /bin/true
else
action "stop lvs" /bin/false
fi
;;
restart)
start && stop
if [ $? -eq 0 ];
then
action "restart lvs" /bin/true
else
action "restart lvs" /bin/false
fi
;;
*)
echo "USAGE:$0 {start|stop|restart}"
esac
